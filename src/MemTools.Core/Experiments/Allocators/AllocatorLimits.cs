using MemTools.Kernel;
using MemTools.Memory;
using MemTools.Native;

namespace MemTools.Experiments;

/// <summary>What cannot be measured: combinations that make no sense, and work that would not fit into memory.</summary>
internal static class AllocatorLimits
{
    /// <summary>User space of a process on x64 with four levels of page tables.</summary>
    private const long LargestSize = 1L << 46;

    private const int MostThreads = 1024;
    private const int MostRepeats = 1000;

    /// <summary>What a C library or the garbage collector adds to a block at most, rounding included.</summary>
    private const int SmallestBlock = 32;

    /// <summary>Why an allocator cannot do the work; null where it can.</summary>
    internal static string? WhyNot(AllocatorKind allocator, AllocationPattern pattern, long size, int threads)
    {
        if (allocator == AllocatorKind.Brk && GlibcMalloc.Current is null)
            return "sbrk of this C library (musl) refuses to move the break.";
        if (allocator == AllocatorKind.Brk && threads > 1)
            return "The break is one stack for the whole process; several threads would bury each other's blocks in it.";
        if (allocator is AllocatorKind.ArrayPool or AllocatorKind.ManagedArray && PatternCatalog.Of(pattern).Largest(size) > Array.MaxLength)
            return $"An array of .NET has at most {Array.MaxLength} bytes.";
        return null;
    }

    /// <summary>The numbers of threads that are meant where none was named.</summary>
    internal static IReadOnlyList<int> Threads(AllocatorComparisonOptions options) =>
        options.Threads ?? [options.Pattern == AllocationPattern.ProducerConsumer ? 2 : 1];

    /// <summary>Refuses what makes no sense.</summary>
    /// <exception cref="MemToolsException">The message says what would.</exception>
    internal static void Check(AllocatorComparisonOptions options)
    {
        Refuse(options.Allocators.Count == 0, "No allocator was named.");
        Refuse(options.Sizes.Count == 0, "No size was named.");
        foreach (long size in options.Sizes)
            Refuse(size is < 1 or > LargestSize, $"A block has 1 byte to {HumanUnits.Size(LargestSize)}, not {size} bytes.");
        Refuse(options.Repeat is < 1 or > MostRepeats, $"A row is measured 1 to {MostRepeats} times, not {options.Repeat} times.");
        Refuse(Threads(options).Count == 0, "No number of threads was named.");
        foreach (int threads in Threads(options))
        {
            Refuse(threads is < 1 or > MostThreads, $"Work is shared by 1 to {MostThreads} threads, not {threads}.");
            bool unpaired = options.Pattern == AllocationPattern.ProducerConsumer && threads % 2 == 1;
            Refuse(unpaired, $"The pattern ProducerConsumer takes threads in pairs, and {threads} is odd.");
            Refuse(options.Count < threads, $"A count of {options.Count} is not enough for {threads} threads: each needs a block of its own.");
        }
    }

    /// <summary>Refuses work that would take more memory than there is.</summary>
    /// <exception cref="MemToolsException">The message has both numbers.</exception>
    internal static void CheckMemory(AllocatorComparisonOptions options, AllocatorRow row, long available)
    {
        double needed = Needed(options, row);
        if (needed > available)
        {
            throw new MemToolsException(
                ErrorKind.OutOfMemory,
                $"{row.Name}: the blocks would need {HumanUnits.Size(needed)}, and {HumanUnits.Size(available)} are available. Take fewer or smaller ones.");
        }
    }

    /// <summary>Memory that a new process can have, in bytes: what the system says, or the container's limit.</summary>
    internal static long AvailableMemory() => Math.Min(FreeMemory.Bytes(), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    /// <summary>
    /// In floating point, since a count times a size may be any number. The break gives nothing back before the end
    /// where blocks are not released last first.
    /// </summary>
    private static double Needed(AllocatorComparisonOptions options, AllocatorRow row)
    {
        IPattern pattern = PatternCatalog.Of(options.Pattern);
        bool buried = row.Allocator == AllocatorKind.Brk && options.Pattern is AllocationPattern.Random or AllocationPattern.Fragment;
        double share = Math.Ceiling((double)options.Count / row.Threads);
        double live = buried ? share : pattern.Live((long)share);
        int granule = row.Allocator == AllocatorKind.Mmap ? Environment.SystemPageSize : SmallestBlock;
        double block = Math.Ceiling((double)pattern.Largest(row.Size) / granule) * granule;
        double footprint = FootprintTask.CountOf(row.Size, options.Count) * block;
        return Math.Max(row.Threads * live * (block + sizeof(long)), footprint);
    }

    private static void Refuse(bool condition, string message)
    {
        if (condition)
            throw new MemToolsException(ErrorKind.Misuse, message);
    }
}
