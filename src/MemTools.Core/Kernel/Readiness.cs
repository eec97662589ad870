using System.Diagnostics;
using MemTools.Native;

namespace MemTools.Kernel;

/// <summary>Waiting for pipes, sockets and devices without hanging: poll(2) in short turns, so that a stop request is seen.</summary>
internal static unsafe class Readiness
{
    private const int TurnMilliseconds = 50;

    /// <summary>Waits until the file can be read, has come to its end, or failed.</summary>
    /// <returns>False where the limit ran out before.</returns>
    internal static bool WaitToRead(Descriptor file, CancellationToken stop, TimeSpan? limit = null) =>
        Wait(file, PollDescriptor.In, limit, stop);

    /// <summary>Waits until the file takes bytes, or failed.</summary>
    /// <returns>False where the limit ran out before.</returns>
    internal static bool WaitToWrite(Descriptor file, CancellationToken stop, TimeSpan? limit = null) =>
        Wait(file, PollDescriptor.Out, limit, stop);

    private static bool Wait(Descriptor file, short events, TimeSpan? limit, CancellationToken stop)
    {
        PollDescriptor poll = new() { Descriptor = file.Number, Events = events };
        long begun = Stopwatch.GetTimestamp();
        // Zero means that the turn ended; a failure (EINTR, ENOMEM) is for the next read or write to report.
        while (FileCalls.Poll(&poll, 1, TurnMilliseconds) == 0)
        {
            stop.ThrowIfCancellationRequested();
            if (limit is { } time && Stopwatch.GetElapsedTime(begun) >= time)
                return false;
        }

        stop.ThrowIfCancellationRequested();
        return true;
    }
}
