using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Pools;

namespace MemTools.Commands;

/// <summary>New-FixedPool: makes a pool of equal blocks.</summary>
[Cmdlet(VerbsCommon.New, "FixedPool")]
[OutputType(typeof(FixedPool))]
public sealed class NewFixedPoolCommand : PSCmdlet
{
    /// <summary>Bytes of a block.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public long BlockSize { get; set; }

    /// <summary>How many blocks it begins with.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    public long Count { get; set; }

    /// <summary>What happens when all are rented.</summary>
    [Parameter]
    public PoolGrowth Growth { get; set; }

    /// <summary>The most bytes of blocks that it ever has.</summary>
    [Parameter]
    public long MaximumSize { get; set; }

    /// <summary>Whether several threads use it at the same time.</summary>
    [Parameter]
    public SwitchParameter Concurrent { get; set; }

    /// <summary>Whether blocks are zero when they are rented.</summary>
    [Parameter]
    public SwitchParameter Zero { get; set; }

    /// <summary>Whether misuse of memory is looked for, and places are kept.</summary>
    [Parameter]
    public SwitchParameter Guard { get; set; }

    /// <summary>Whether places are kept where blocks were rented.</summary>
    [Parameter]
    public SwitchParameter Track { get; set; }

    /// <summary>Whether its memory is never swapped.</summary>
    [Parameter]
    public SwitchParameter Locked { get; set; }

    /// <summary>Whether it is made of huge pages.</summary>
    [Parameter]
    public SwitchParameter HugePage { get; set; }

    /// <summary>What it is to be called.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "fixed";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            WriteObject(FixedPool.Create(Options()));
        }
        catch (Exception e) when (e is IHasErrorKind)
        {
            ThrowTerminatingError(ErrorRecords.From(e, Name));
        }
    }

    private FixedPoolOptions Options() => new()
    {
        BlockSize = BlockSize,
        Count = Count,
        Growth = Growth,
        MaximumSize = MyInvocation.BoundParameters.ContainsKey(nameof(MaximumSize)) ? MaximumSize : null,
        Concurrent = Concurrent,
        Zero = Zero,
        Guard = Guard,
        Track = Track,
        Locked = Locked,
        HugePage = HugePage,
        Name = Name,
    };
}
