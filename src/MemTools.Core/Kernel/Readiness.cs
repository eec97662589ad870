using MemTools.Native;

namespace MemTools.Kernel;

/// <summary>Waiting for pipes and devices without hanging: poll(2) in short turns, so that a stop request is seen.</summary>
internal static unsafe class Readiness
{
    private const int TurnMilliseconds = 50;

    /// <summary>Waits until the file can be read, has come to its end, or failed.</summary>
    internal static void WaitToRead(Descriptor file, CancellationToken stop) => Wait(file, PollDescriptor.In, stop);

    /// <summary>Waits until the file takes bytes, or failed.</summary>
    internal static void WaitToWrite(Descriptor file, CancellationToken stop) => Wait(file, PollDescriptor.Out, stop);

    private static void Wait(Descriptor file, short events, CancellationToken stop)
    {
        PollDescriptor poll = new() { Descriptor = file.Number, Events = events };
        // Zero means that the turn ended; a failure (EINTR, ENOMEM) is for the next read or write to report.
        while (FileCalls.Poll(&poll, 1, TurnMilliseconds) == 0)
            stop.ThrowIfCancellationRequested();
        stop.ThrowIfCancellationRequested();
    }
}
