namespace MemTools.Kernel;

/// <summary>/proc/meminfo (proc_meminfo(5)).</summary>
internal static class MemoryInfo
{
    /// <summary>A figure that is given in kB, in bytes; null where this kernel does not have it.</summary>
    internal static long? Bytes(string name) => KilobyteField.Bytes(Text(), name);

    /// <summary>A figure as it stands.</summary>
    internal static long? Number(string name) => KilobyteField.Number(Text(), name);

    private static string Text() => File.ReadAllText("/proc/meminfo");
}
