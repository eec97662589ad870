using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Transfer;
using MemTools.Transfer.Trees;

namespace MemTools.Commands;

/// <summary>How files and trees are copied: the parameters that the commands share which copy.</summary>
public abstract class TreeTransferCommand : FilesCommand
{
    /// <summary>How the bytes move.</summary>
    [Parameter]
    public CopyMethod Method { get; set; }

    /// <summary>Replaces read-only destinations and creates missing directories.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

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

    /// <summary>How each copy is checked.</summary>
    [Parameter]
    public VerifyMode Verify { get; set; }

    /// <summary>Waits until each copy is on the disk.</summary>
    [Parameter]
    public SwitchParameter Flush { get; set; }

    /// <summary>What stays in the page cache.</summary>
    [Parameter]
    public CachePolicy CachePolicy { get; set; }

    /// <summary>Fails where a source is modified meanwhile.</summary>
    [Parameter]
    public SwitchParameter RequireStable { get; set; }

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

    /// <summary>What the parameters say together.</summary>
    private protected TreeCopyOptions TreeOptions() => new()
    {
        File = FileOptions(),
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

    /// <summary>How each file is copied; a command adds what it alone can be asked for.</summary>
    private protected virtual FileCopyOptions FileOptions() => new()
    {
        Method = Method,
        Force = Force,
        InPlace = InPlace,
        RequireAtomic = RequireAtomic,
        Preserve = Preserve,
        Sparse = Sparse,
        Verify = Verify,
        Flush = Flush,
        CachePolicy = CachePolicy,
        RequireStable = RequireStable,
    };

    /// <summary>Whether -WhatIf or its preference variable is in effect; ShouldProcess would say so only by printing.</summary>
    private bool IsWhatIf => MyInvocation.BoundParameters.TryGetValue("WhatIf", out object? given)
        ? ((SwitchParameter)given).IsPresent
        : LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"));
}
