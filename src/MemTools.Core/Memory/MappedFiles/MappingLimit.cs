using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>
/// What to do when mmap(2) answers ENOMEM: mappings that nobody refers to any more wait for the garbage collector,
/// which knows nothing of vm.max_map_count. They are collected, and the mapping is tried once more.
/// </summary>
internal static class MappingLimit
{
    /// <summary>Makes the mapping, or fails.</summary>
    internal delegate long Attempt(out Mapping? mapping);

    internal static Mapping Retry(MappingTarget target, long length, Attempt map)
    {
        long result = Try(map, out Mapping? mapping);
        if (KernelResult.ErrnoOf(result) == Errno.ENOMEM)
        {
            AddressSpace.CollectAbandoned();
            result = Try(map, out mapping);
        }

        return mapping ?? throw Error(target, length, KernelResult.ErrnoOf(result));
    }

    private static long Try(Attempt map, out Mapping? mapping)
    {
        mapping = null;
        return AddressSpace.IsNearlyFull() ? -(long)Errno.ENOMEM : map(out mapping);
    }

    private static Exception Error(MappingTarget target, long length, Errno errno)
    {
        SystemCallException inner = new("mmap", errno, target.Path.ToString());
        if (errno == Errno.ENODEV)
            return new MemToolsException(ErrorKind.NotSupported, $"{inner.Message}. Its file system or driver has no mappings; read it with Get-Content -AsByteStream.", inner);
        return errno == Errno.ENOMEM ? AddressSpace.Exhausted(inner, length) : inner;
    }
}
