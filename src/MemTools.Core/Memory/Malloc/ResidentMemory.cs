using MemTools.Kernel;

namespace MemTools.Memory;

/// <summary>
/// The resident memory of this process in bytes, counted page by page (/proc/self/smaps_rollup): the counters in statm
/// and status lag behind on newer kernels.
/// </summary>
internal static class ResidentMemory
{
    internal static long Now() => Field("Rss");

    /// <summary>The part of it that is no file's.</summary>
    internal static long Anonymous() => Field("Anonymous");

    private static long Field(string name) => KilobyteField.Bytes(File.ReadAllText("/proc/self/smaps_rollup"), name)
        ?? throw new MemToolsException(ErrorKind.NotSupported, $"/proc/self/smaps_rollup has no line {name}.");
}
