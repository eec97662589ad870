using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Rings;

namespace MemTools.Commands;

/// <summary>Read-PipeQueue: takes objects out of a pipe queue.</summary>
[Cmdlet(VerbsCommunications.Read, "PipeQueue", DefaultParameterSetName = TakeSet)]
[OutputType(typeof(object))]
public sealed class ReadPipeQueueCommand : PipeQueueCommand
{
    private const string TakeSet = "Take";
    private const string PeekSet = "Peek";

    /// <summary>How often a reader that never has to wait looks whether it is to stop.</summary>
    private const int LookEvery = 64;

    /// <summary>The queue, or its name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [PipeQueueTransformation]
    [ArgumentCompleter(typeof(PipeQueueNameCompleter))]
    public PipeQueue PipeQueue { get; set; } = null!;

    /// <summary>How many objects at most.</summary>
    [Parameter(Position = 1, ParameterSetName = TakeSet)]
    [ValidateRange(1, long.MaxValue)]
    public long? Count { get; set; }

    /// <summary>Leaves the oldest object in the queue.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PeekSet)]
    public SwitchParameter Peek { get; set; }

    /// <summary>Goes on until the queue is completed and empty, or the count is reached.</summary>
    [Parameter(ParameterSetName = TakeSet)]
    public SwitchParameter Wait { get; set; }

    /// <summary>How long to wait for the next at most, in seconds.</summary>
    [Parameter(ParameterSetName = TakeSet)]
    [ValidateRange(0, 1e9)]
    public double? TimeoutSec { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Try(PipeQueue, Peek ? WriteFirst : WriteObjects);

    private void WriteFirst()
    {
        if (PipeQueue.TryPeek(out object? item))
            WriteObject(item);
    }

    private void WriteObjects()
    {
        TimeSpan timeout = TimeoutSec is { } seconds ? TimeSpan.FromSeconds(seconds) : Timeout.InfiniteTimeSpan;
        long limit = Count ?? long.MaxValue;
        // Without -Wait the time is for as many as were asked for, and else for the first.
        long waitsFor = Wait ? limit : TimeoutSec is null ? 0 : Count ?? 1;
        long taken = 0;
        for (; taken < waitsFor; taken++)
        {
            if (PipeQueue.TryRead(out object? item, timeout, StopNow(taken)) != RingReadiness.Ready)
                return;
            WriteObject(item);
        }

        // What is there now, and no more: a fast writer would keep this for ever. One look at least, which fails where reading
        // is not possible. One by one, so that what a later command of the pipeline does not want stays in the queue.
        for (limit = Math.Min(limit, taken + Math.Max(1, PipeQueue.Count)); taken < limit; taken++)
        {
            StopNow(taken);
            if (!PipeQueue.TryRead(out object? item))
                return;
            WriteObject(item);
        }
    }

    private CancellationToken StopNow(long taken)
    {
        if (taken % LookEvery == 0)
            Interruption.Token.ThrowIfCancellationRequested();
        return Interruption.Token;
    }
}
