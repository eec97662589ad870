using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Memory;

namespace MemTools.Commands;

/// <summary>Trace-Allocation: what allocating and freeing a block did, in a worker.</summary>
[Cmdlet(VerbsDiagnostic.Trace, "Allocation", DefaultParameterSetName = SizeSet)]
[OutputType(typeof(AllocationTrace), ParameterSetName = [SizeSet])]
[OutputType(typeof(ThresholdSearch), ParameterSetName = [FindSet])]
[OutputType(typeof(ThresholdRise), ParameterSetName = [DynamicSet])]
[OutputType(typeof(PinnedTopStep), ParameterSetName = [PinSet])]
public sealed class TraceAllocationCommand : InterruptibleCommand
{
    private const string SizeSet = "Size";
    private const string FindSet = "FindThreshold";
    private const string DynamicSet = "Dynamic";
    private const string PinSet = "PinTop";

    private readonly List<ulong> _sizes = [];

    /// <summary>The sizes of the blocks, in bytes.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = SizeSet)]
    [Parameter(Position = 0, ParameterSetName = DynamicSet)]
    [Parameter(Position = 0, ParameterSetName = PinSet)]
    [BlockSize]
    public ulong[] Size { get; set; } = [];

    /// <summary>Leaves the top as the block before left it.</summary>
    [Parameter(ParameterSetName = SizeSet)]
    public SwitchParameter KeepTop { get; set; }

    /// <summary>Bisects for the size from which on malloc makes mappings.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FindSet)]
    public SwitchParameter FindThreshold { get; set; }

    /// <summary>Shows that freeing a mapped block raises the threshold.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DynamicSet)]
    public SwitchParameter Dynamic { get; set; }

    /// <summary>Shows that one late block keeps everything below it.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PinSet)]
    public SwitchParameter PinTop { get; set; }

    /// <summary>How many blocks are below the late one.</summary>
    [Parameter(ParameterSetName = PinSet)]
    [ValidateRange(1, 1_000_000)]
    public int Count { get; set; } = 100;

    /// <summary>M_MMAP_THRESHOLD of the worker.</summary>
    [Parameter]
    [ValidateRange(0, 33_554_432)]
    public int MmapThreshold { get; set; }

    /// <summary>M_TRIM_THRESHOLD of the worker.</summary>
    [Parameter]
    [ValidateRange(-1, int.MaxValue)]
    public int TrimThreshold { get; set; }

    /// <summary>M_TOP_PAD of the worker.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int TopPad { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _sizes.AddRange(Size);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        try
        {
            using Interruption.WorkScope work = Interruption.BeginWork();
            WriteObject(Run(Tracer()), enumerateCollection: true);
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
        catch (MemToolsException e)
        {
            ThrowTerminatingError(ErrorRecords.From(e, null));
        }
    }

    private object Run(AllocationTracer tracer)
    {
        ulong[] sizes = [.. _sizes];
        return ParameterSetName switch
        {
            FindSet => tracer.FindThreshold(Interruption.Token),
            DynamicSet => tracer.RaiseThreshold(sizes, Interruption.Token),
            PinSet => tracer.PinTop(OneSize(), Count, Interruption.Token),
            _ => tracer.Trace(sizes, Interruption.Token),
        };
    }

    private AllocationTracer Tracer() => new()
    {
        MmapThreshold = Given(nameof(MmapThreshold), MmapThreshold),
        TrimThreshold = Given(nameof(TrimThreshold), TrimThreshold),
        TopPad = Given(nameof(TopPad), TopPad),
        KeepTop = KeepTop,
    };

    private int? Given(string parameter, int value) => MyInvocation.BoundParameters.ContainsKey(parameter) ? value : null;

    private ulong? OneSize() => _sizes.Count switch
    {
        0 => null,
        1 => _sizes[0],
        _ => throw new MemToolsException(ErrorKind.Misuse, "-PinTop takes one size: that of the blocks below the late one."),
    };
}
