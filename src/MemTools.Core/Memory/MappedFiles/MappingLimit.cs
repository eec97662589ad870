using System.Globalization;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>
/// What to do when mmap(2) answers ENOMEM: mappings that nobody refers to any more wait for the garbage collector,
/// which knows nothing of vm.max_map_count. They are collected, and the mapping is tried once more.
/// </summary>
internal static class MappingLimit
{
    private const string LimitFile = "/proc/sys/vm/max_map_count";

    /// <summary>Makes the mapping, or fails.</summary>
    internal delegate long Attempt(out Mapping? mapping);

    internal static Mapping Retry(MappingTarget target, long length, Attempt map)
    {
        long result = map(out Mapping? mapping);
        if (KernelResult.ErrnoOf(result) == Errno.ENOMEM)
        {
            CollectAbandoned();
            result = map(out mapping);
        }

        return mapping ?? throw Error(target, length, KernelResult.ErrnoOf(result));
    }

    internal static MemToolsException TooMany(string failure, int count, int limit) => new(
        ErrorKind.TooManyMappings,
        $"{failure}. This process has {count} mappings, and vm.max_map_count allows {limit}: close some (Get-MappedFile lists them), or raise it with sysctl -w vm.max_map_count=…");

    /// <summary>Closes the files and removes the mappings that nobody refers to any more.</summary>
    internal static void CollectAbandoned()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        // What a finalizer let go of.
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    private static Exception Error(MappingTarget target, long length, Errno errno)
    {
        SystemCallException inner = new("mmap", errno, target.Path.ToString());
        if (errno == Errno.ENODEV)
            return new MemToolsException(ErrorKind.NotSupported, $"{inner.Message}. Its file system or driver has no mappings; read it with Get-Content -AsByteStream.", inner);
        if (errno != Errno.ENOMEM)
            return inner;
        (int count, int limit) = (Count(), Limit());
        // The kernel refuses the one after the limit; a few may have gone since.
        if (count >= limit - 8)
            return TooMany(inner.Message, count, limit);

        return new MemToolsException(
            ErrorKind.OutOfMemory,
            $"{inner.Message}. {length} bytes of address space were asked for; `ulimit -v` and vm.overcommit_memory limit it (a Private mapping counts as memory).",
            inner);
    }

    private static int Count() => File.ReadLines("/proc/self/maps").Count();

    private static int Limit() => int.Parse(File.ReadAllText(LimitFile), CultureInfo.InvariantCulture);
}
