using System.Globalization;

namespace MemTools.Kernel;

/// <summary>Why a mapping could not be had, and what can be done about it.</summary>
internal static class AddressSpace
{
    private const string LimitFile = "/proc/sys/vm/max_map_count";

    /// <summary>
    /// Removes the mappings and closes the files that nobody refers to any more: the garbage collector counts neither,
    /// and so lets them reach their limits.
    /// </summary>
    internal static void CollectAbandoned()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        // What a finalizer let go of.
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    /// <summary>mmap(2) answered ENOMEM, which it does for want of memory, of addresses, and of mappings.</summary>
    internal static MemToolsException Exhausted(SystemCallException failure, long length)
    {
        (int count, int limit) = (Count(), Limit());
        // The kernel refuses the one after the limit; a few may have gone since.
        if (count >= limit - 8)
            return TooManyMappings(failure.Message, count, limit);
        return new(
            ErrorKind.OutOfMemory,
            $"{failure.Message}. {length} bytes of address space were asked for; `ulimit -v` and vm.overcommit_memory limit it (a private mapping counts as memory).",
            failure);
    }

    internal static MemToolsException TooManyMappings(string failure, int count, int limit) => new(
        ErrorKind.TooManyMappings,
        $"{failure}. This process has {count} mappings, and vm.max_map_count allows {limit}: close some (Get-MappedFile, Get-NativeBuffer and Get-MemoryPool list them), or raise it with sysctl -w vm.max_map_count=…");

    private static int Count() => File.ReadLines("/proc/self/maps").Count();

    private static int Limit() => int.Parse(File.ReadAllText(LimitFile), CultureInfo.InvariantCulture);
}
