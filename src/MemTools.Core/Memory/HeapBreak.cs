namespace MemTools.Memory;

/// <summary>
/// Where a process's heap is and why there. Addresses are those of the process; null is what the kernel does not tell
/// here, and <see cref="Hidden"/> says why.
/// </summary>
public sealed class HeapBreak
{
    /// <summary>The process.</summary>
    public required int ProcessId { get; init; }

    /// <summary>The name of the program, at most 15 bytes.</summary>
    public required string ProcessName { get; init; }

    /// <summary>The program break: the first address behind the heap.</summary>
    public required ulong? ProgramBreak { get; init; }

    /// <summary>
    /// How the break is known: <c>sbrk(0)</c> for the calling process, exact to the byte, or <c>/proc/PID/maps</c>,
    /// rounded up to a page.
    /// </summary>
    public required string BreakSource { get; init; }

    /// <summary>The first address of the heap (start_brk): the break when the program started.</summary>
    public required ulong? HeapStart { get; init; }

    /// <summary>Bytes from the start of the heap to the break.</summary>
    public long? HeapSize => (long?)(ProgramBreak - HeapStart);

    /// <summary>Of these, bytes that are in memory, in whole pages.</summary>
    public required long? HeapResidentBytes { get; init; }

    /// <summary>The first address of the program's initialized data.</summary>
    public required ulong? DataStart { get; init; }

    /// <summary>The first address behind the initialized data: there bss begins.</summary>
    public required ulong? DataEnd { get; init; }

    /// <summary>The first address behind bss, the data that starts as zeros, exact to the byte.</summary>
    public required ulong? BssEnd { get; init; }

    /// <summary>
    /// Bytes from the end of bss to the start of the heap: random, or less than a page. Negative where the heap was
    /// put below the program, as for a dynamic loader that was started by name.
    /// </summary>
    public long? HeapGap => (long?)(HeapStart - BssEnd);

    /// <summary>Where the mmap area starts: the highest address in use there, from which mappings go downwards.</summary>
    public required ulong? MmapStart { get; init; }

    /// <summary>The first thing on the stack: it grows downwards from there.</summary>
    public required ulong? StackStart { get; init; }

    /// <summary>kernel.randomize_va_space now: 0 off, 1 stack and mappings, 2 the heap too.</summary>
    public required int? RandomizeVaSpace { get; init; }

    /// <summary>Whether the process itself goes without (ADDR_NO_RANDOMIZE of personality(2), setarch -R).</summary>
    public required bool? NoRandomize { get; init; }

    /// <summary>What follows for a process started like this one: <c>Full</c>, <c>WithoutHeap</c> or <c>Off</c>.</summary>
    public string? Randomization => (NoRandomize, RandomizeVaSpace) switch
    {
        (true, _) or (_, 0) => "Off",
        (false, 1) => "WithoutHeap",
        (false, 2) => "Full",
        _ => null,
    };

    /// <summary>What is not told and why, in sentences; null where all is.</summary>
    public required string? Hidden { get; init; }
}
