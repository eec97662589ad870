using System.Globalization;

namespace MemTools.Kernel;

/// <summary>Why a mapping could not be had, and what can be done about it.</summary>
internal static class AddressSpace
{
    private const string LimitFile = "/proc/sys/vm/max_map_count";

    /// <summary>Mappings left to .NET: it makes some to compile a method, and ends the process where it cannot.</summary>
    private const int Reserve = 1024;

    /// <summary>Counting takes the kernel a millisecond for some thousand mappings, so not each attempt is worth it.</summary>
    private const int CountedEvery = 256;

    private static int s_attempts;
    private static volatile bool s_wasNearlyFull;

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

    /// <summary>
    /// Whether one more of very many mappings would come out of what .NET needs itself, and so is to be refused as the
    /// kernel would refuse it. Looks only now and then, as long as there is room.
    /// </summary>
    internal static bool IsNearlyFull()
    {
        if (!s_wasNearlyFull && Interlocked.Increment(ref s_attempts) % CountedEvery != 0)
            return false;
        s_wasNearlyFull = Count() >= Limit() - Reserve;
        return s_wasNearlyFull;
    }

    /// <summary>mmap(2) answered ENOMEM, which it does for want of memory, of addresses, and of mappings.</summary>
    internal static MemToolsException Exhausted(SystemCallException failure, long length)
    {
        (int count, int limit) = (Count(), Limit());
        if (count >= limit - Reserve)
            return TooManyMappings(failure.Message, count, limit);
        return new(
            ErrorKind.OutOfMemory,
            $"{failure.Message}. {length} bytes of address space were asked for; `ulimit -v` and vm.overcommit_memory limit it (a private mapping counts as memory).",
            failure);
    }

    internal static MemToolsException TooManyMappings(string failure, int count, int limit) => new(
        ErrorKind.TooManyMappings,
        $"{failure}. This process has {count} mappings, and vm.max_map_count allows {limit}, the last {Reserve} of which are left to .NET: close some (Get-MappedFile, Get-NativeBuffer and Get-MemoryPool list them), or raise it with sysctl -w vm.max_map_count=…");

    private static int Count() => File.ReadLines("/proc/self/maps").Count();

    private static int Limit() => int.Parse(File.ReadAllText(LimitFile), CultureInfo.InvariantCulture);
}
