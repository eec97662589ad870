using System.Diagnostics;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>What malloc_trim(3) gave back to the system.</summary>
public sealed class HeapTrim
{
    private HeapTrim()
    {
    }

    /// <summary>The process, which is always the calling one.</summary>
    public int ProcessId { get; private init; }

    /// <summary>Bytes that the top of the heap was to keep.</summary>
    public long Pad { get; private init; }

    /// <summary>Whether glibc says that memory went back.</summary>
    public bool Released { get; private init; }

    /// <summary>The process's resident memory in bytes, before.</summary>
    public long ResidentBytesBefore { get; private init; }

    /// <summary>The process's resident memory in bytes, afterwards.</summary>
    public long ResidentBytes { get; private init; }

    /// <summary>Their difference; negative where other threads took more than went back.</summary>
    public long ReturnedBytes => ResidentBytesBefore - ResidentBytes;

    /// <summary>How far that moved the program break back, in bytes.</summary>
    public long BreakReturnedBytes { get; private init; }

    /// <summary>How long malloc_trim took.</summary>
    public TimeSpan Elapsed { get; private init; }

    /// <summary>Trims every arena of this process.</summary>
    /// <param name="pad">Bytes that the top of the heap is to keep, 0 or more.</param>
    /// <exception cref="MemToolsException">NotSupported: the C library is not glibc, or /proc does not tell what is resident.</exception>
    public static HeapTrim Run(long pad)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(pad);
        GlibcMalloc library = MallocLibrary.Require();
        long residentBefore = ResidentMemory.Now();
        long breakBefore = BreakCalls.Move(0);
        long start = Stopwatch.GetTimestamp();
        bool released = library.Trim((nuint)pad) == 1;
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        long breakAfter = BreakCalls.Move(0);
        return new()
        {
            ProcessId = Environment.ProcessId,
            Pad = pad,
            Released = released,
            ResidentBytesBefore = residentBefore,
            ResidentBytes = ResidentMemory.Now(),
            BreakReturnedBytes = Math.Max(0, breakBefore - breakAfter),
            Elapsed = elapsed,
        };
    }
}
