namespace MemTools.Transfer.Trees;

/// <summary>How trees are copied: how each file of them is, and which items belong to the copy.</summary>
public sealed record TreeCopyOptions
{
    /// <summary>The most workers that can be asked for.</summary>
    public const int MostWorkers = 256;

    /// <summary>How each file is copied. <c>Offset</c> and <c>Length</c> have no meaning in a tree.</summary>
    public FileCopyOptions File { get; init; } = new();

    /// <summary>What becomes of symbolic links.</summary>
    public SymlinkMode Symlink { get; init; }

    /// <summary>What becomes of FIFOs, sockets and devices.</summary>
    public SpecialFileMode SpecialFile { get; init; }

    /// <summary>Makes directories on which something else is mounted, and leaves out what is in them.</summary>
    public bool OneFileSystem { get; init; }

    /// <summary>Patterns of which a file has to match one; none for all files.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Patterns of files and directories to leave out; a directory with all that is in it.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Leaves out smaller files, in bytes.</summary>
    public long? MinimumSize { get; init; }

    /// <summary>Leaves out larger files, in bytes.</summary>
    public long? MaximumSize { get; init; }

    /// <summary>Leaves out files last modified at or before this.</summary>
    public DateTimeOffset? ModifiedAfter { get; init; }

    /// <summary>Leaves out files last modified at or after this.</summary>
    public DateTimeOffset? ModifiedBefore { get; init; }

    /// <summary>How many threads copy, 1 to <see cref="MostWorkers"/>; 0 for one a core, 2 to 16, and
    /// a single one where the source or the destination is on a disk that turns. With <see cref="PlanOnly"/> it is always one.</summary>
    public int ThrottleLimit { get; init; }

    /// <summary>Reports what would be copied, with the status <c>WouldCopy</c>, and changes nothing.</summary>
    public bool PlanOnly { get; init; }

    /// <summary>The sentence that says which options contradict each other, or null.</summary>
    public string? Contradiction => this switch
    {
        { File.Offset: not 0 } or { File.Length: not null } =>
            "-Offset and -Length name a part of one file, and cannot be used with -Recurse.",
        { MinimumSize: { } least, MaximumSize: { } most } when least > most => "-MinimumSize is larger than -MaximumSize.",
        { ModifiedAfter: { } after, ModifiedBefore: { } before } when after >= before => "-ModifiedAfter is not before -ModifiedBefore.",
        { ThrottleLimit: < 0 or > MostWorkers } => $"-ThrottleLimit has to lie between 1 and {MostWorkers}.",
        _ => File.Contradiction,
    };

    /// <summary>Whether some files are left out, so that a directory may have nothing to copy.</summary>
    internal bool SelectsFiles => Include.Count > 0 || SelectsByStatus;

    /// <summary>Whether a file's status decides, so that it has to be asked for before the file is opened.</summary>
    internal bool SelectsByStatus =>
        MinimumSize is not null || MaximumSize is not null || ModifiedAfter is not null || ModifiedBefore is not null;
}
