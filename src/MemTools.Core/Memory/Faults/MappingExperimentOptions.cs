using MemTools.Kernel;

namespace MemTools.Memory;

/// <summary>What to map, and how to touch it.</summary>
public sealed record MappingExperimentOptions
{
    /// <summary>Bytes to map, 1 or more; rounded up to whole pages.</summary>
    public required long Length { get; init; }

    /// <summary>What stands behind the mapping.</summary>
    public MappingBacking Backing { get; init; }

    /// <summary>Whether pages are read or written.</summary>
    public PageAccess Access { get; init; } = PageAccess.Write;

    /// <summary>In which order.</summary>
    public PagePattern Pattern { get; init; }

    /// <summary>Bytes from one touch to the next with <see cref="PagePattern.Stride"/>; else 0.</summary>
    public long StrideBytes { get; init; }

    /// <summary>Maps the pages in within mmap (MAP_POPULATE).</summary>
    public bool Populate { get; init; }

    /// <summary>What the kernel is told before the pages are touched.</summary>
    public MemoryAdvice Advice { get; init; }

    /// <summary>How many rounds, 1 or more.</summary>
    public int Rounds { get; init; } = 1;

    /// <summary>Maps once and touches the same mapping in every round; else each round maps afresh.</summary>
    public bool Reuse { get; init; }

    /// <summary>The file behind a file mapping; null for a scratch file in memory.</summary>
    public string? Path { get; init; }

    internal bool IsFile => Backing is MappingBacking.PrivateFile or MappingBacking.SharedFile;

    /// <exception cref="MemToolsException">Options contradict each other; the message says what would work.</exception>
    internal void Check()
    {
        Refuse(Length <= 0, "The size must be 1 byte or more.");
        Refuse(Rounds <= 0, "There must be 1 round or more.");
        Refuse(
            Path is not null && !IsFile,
            $"A path goes with the backing PrivateFile or SharedFile; {Backing} memory has no file.");
        Refuse(
            Path is not null && Backing == MappingBacking.SharedFile && WritesPages,
            $"Writing to a shared mapping would change '{Path}'. Use the backing PrivateFile, which copies the pages, or no path.");
        Refuse(Pattern == PagePattern.Stride && StrideBytes <= 0, "The pattern Stride needs a stride of 1 byte or more.");
        Refuse(Pattern != PagePattern.Stride && StrideBytes != 0, $"A stride goes with the pattern Stride, not with {Pattern}.");
    }

    private bool WritesPages => Access == PageAccess.Write || Advice == MemoryAdvice.PopulateWrite;

    private static void Refuse(bool wrong, string message)
    {
        if (wrong)
            throw new MemToolsException(ErrorKind.Misuse, message);
    }
}
