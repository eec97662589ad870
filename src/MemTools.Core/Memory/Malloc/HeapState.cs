using MemTools.Native;

namespace MemTools.Memory;

/// <summary>The program break and glibc's own counters at one moment; taking it allocates nothing.</summary>
internal readonly record struct HeapState(long Break, long SystemBytes, long InUseBytes, long FreeBytes, long FastBytes, long TopBytes)
{
    /// <summary>Where the top chunk begins: it reaches to the break.</summary>
    internal long TopStart => Break - TopBytes;

    internal static HeapState Now(GlibcMalloc library)
    {
        MallocInfo info = library.Info();
        return new(
            BreakCalls.Move(0), (long)info.ArenaBytes, (long)info.InUseBytes, (long)info.FreeBytes, (long)info.FastBytes,
            (long)info.TopBytes);
    }
}
