using System.Management.Automation;
using MemTools.Transfer;
using MemTools.Transfer.Trees;

namespace MemTools.Commands;

/// <content>What can be asked for, and what it is in the core's terms.</content>
public sealed partial class CopyFileZeroCopyCommand
{
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";

    /// <summary>The files to copy: paths, whose wildcards are resolved, or file objects.</summary>
    /// <remarks>
    /// Takes any object, or several, so that one from the pipeline binds at the first try: an array of strings and a
    /// second parameter for the property PSPath cost PowerShell more than three times as much an object.
    /// </remarks>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true)]
    [SupportsWildcards]
    public object? Path { get; set; }

    /// <summary>The files to copy, by their names as they are.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>A directory, or the file to write.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = string.Empty;

    /// <summary>How the bytes move.</summary>
    [Parameter]
    public CopyMethod Method { get; set; }

    /// <summary>The first byte to copy.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long Offset { get; set; }

    /// <summary>The most bytes to copy.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long Length { get; set; }

    /// <summary>Replaces read-only destinations and creates missing directories.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Leaves existing destinations alone.</summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Writes into existing destinations.</summary>
    [Parameter]
    public SwitchParameter InPlace { get; set; }

    /// <summary>Refuses to write in place.</summary>
    [Parameter]
    public SwitchParameter RequireAtomic { get; set; }

    /// <summary>What besides the bytes comes from the source.</summary>
    [Parameter]
    public PreserveItems Preserve { get; set; } = PreserveItems.Mode | PreserveItems.Timestamps;

    /// <summary>What becomes of holes.</summary>
    [Parameter]
    public SparseMode Sparse { get; set; }

    /// <summary>How the destination is checked.</summary>
    [Parameter]
    public VerifyMode Verify { get; set; }

    /// <summary>Waits until the copy is on the disk.</summary>
    [Parameter]
    public SwitchParameter Flush { get; set; }

    /// <summary>What stays in the page cache.</summary>
    [Parameter]
    public CachePolicy CachePolicy { get; set; }

    /// <summary>Fails where the source is modified meanwhile.</summary>
    [Parameter]
    public SwitchParameter RequireStable { get; set; }

    /// <summary>Copies directories with all that is in them.</summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    /// <summary>What becomes of symbolic links.</summary>
    [Parameter]
    public SymlinkMode Symlink { get; set; }

    /// <summary>What becomes of FIFOs, sockets and devices.</summary>
    [Parameter]
    public SpecialFileMode SpecialFile { get; set; }

    /// <summary>Leaves out what is on other file systems.</summary>
    [Parameter]
    public SwitchParameter OneFileSystem { get; set; }

    /// <summary>Wildcards of which a file has to match one.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[] Include { get; set; } = [];

    /// <summary>Wildcards of what is left out.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[] Exclude { get; set; } = [];

    /// <summary>Leaves out smaller files.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long? MinimumSize { get; set; }

    /// <summary>Leaves out larger files.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long? MaximumSize { get; set; }

    /// <summary>Leaves out files last modified at or before this.</summary>
    [Parameter]
    public DateTime? ModifiedAfter { get; set; }

    /// <summary>Leaves out files last modified at or after this.</summary>
    [Parameter]
    public DateTime? ModifiedBefore { get; set; }

    /// <summary>How many threads copy.</summary>
    [Parameter]
    [ValidateRange(1, TreeCopyOptions.MostWorkers)]
    public int ThrottleLimit { get; set; }

    private FileCopyOptions Options() => new()
    {
        Method = Method,
        Offset = Offset,
        Length = MyInvocation.BoundParameters.ContainsKey(nameof(Length)) ? Length : null,
        Force = Force,
        NoClobber = NoClobber,
        InPlace = InPlace,
        RequireAtomic = RequireAtomic,
        Preserve = Preserve,
        Sparse = Sparse,
        Verify = Verify,
        Flush = Flush,
        CachePolicy = CachePolicy,
        RequireStable = RequireStable,
    };

    private TreeCopyOptions TreeOptions() => new()
    {
        File = Options(),
        Symlink = Symlink,
        SpecialFile = SpecialFile,
        OneFileSystem = OneFileSystem,
        Include = Include,
        Exclude = Exclude,
        MinimumSize = MinimumSize,
        MaximumSize = MaximumSize,
        ModifiedAfter = ModifiedAfter,
        ModifiedBefore = ModifiedBefore,
        ThrottleLimit = ThrottleLimit,
        PlanOnly = IsWhatIf,
    };

    /// <summary>Whether -WhatIf or its preference variable is in effect; ShouldProcess would say so only by printing.</summary>
    private bool IsWhatIf => MyInvocation.BoundParameters.TryGetValue("WhatIf", out object? given)
        ? ((SwitchParameter)given).IsPresent
        : LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"));

    private void RefuseTreeParameters()
    {
        string[] names =
        [
            nameof(Symlink), nameof(SpecialFile), nameof(OneFileSystem), nameof(Include), nameof(Exclude), nameof(MinimumSize),
            nameof(MaximumSize), nameof(ModifiedAfter), nameof(ModifiedBefore), nameof(ThrottleLimit),
        ];
        if (Array.Find(names, MyInvocation.BoundParameters.ContainsKey) is { } name)
            throw new ArgumentException($"-{name} is for trees: use it with -Recurse.");
    }
}
