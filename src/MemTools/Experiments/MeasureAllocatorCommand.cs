using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Experiments;
using MemTools.Kernel;

namespace MemTools.Commands;

/// <summary>Measure-Allocator: the same work on several allocators, side by side.</summary>
[Cmdlet(VerbsDiagnostic.Measure, "Allocator")]
[OutputType(typeof(AllocatorResult))]
public sealed class MeasureAllocatorCommand : InterruptibleCommand
{
    /// <summary>What to compare.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public AllocatorKind[] Allocator { get; set; } = Enum.GetValues<AllocatorKind>();

    /// <summary>Bytes of a block.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public long[] Size { get; set; } = [64];

    /// <summary>Blocks of a round.</summary>
    [Parameter]
    public long Count { get; set; } = 100_000;

    /// <summary>Threads that share them.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public int[]? Threads { get; set; }

    /// <summary>The order of allocating and releasing.</summary>
    [Parameter]
    public AllocationPattern Pattern { get; set; }

    /// <summary>What is written into each block.</summary>
    [Parameter]
    public BlockTouch Touch { get; set; }

    /// <summary>Processes to measure for each row.</summary>
    [Parameter]
    public int Repeat { get; set; } = 5;

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        StepProgress progress = new(this, "Measuring allocators");
        try
        {
            using Interruption.WorkScope work = Interruption.BeginWork();
            AllocatorComparison comparison = new(Options())
            {
                Progress = at => progress.Report(at.Row, at.Done, at.All),
            };
            foreach (AllocatorOutcome outcome in comparison.Run(Interruption.Token))
                Write(outcome);
        }
        catch (MemToolsException e)
        {
            ThrowTerminatingError(ErrorRecords.From(e, null));
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
        finally
        {
            progress.Complete();
        }
    }

    private AllocatorComparisonOptions Options() => new()
    {
        Allocators = Allocator,
        Sizes = Size,
        Count = Count,
        Threads = Threads,
        Pattern = Pattern,
        Touch = Touch,
        Repeat = Repeat,
    };

    private void Write(AllocatorOutcome outcome)
    {
        if (outcome.Failure is { } failure)
        {
            WriteError(ErrorRecords.From(failure, outcome.Row));
            return;
        }

        // The table has no room for a sentence.
        if (outcome.Result!.Reason is { } reason)
            WriteWarning($"{outcome.Row}: {reason}");
        WriteObject(outcome.Result);
    }
}
