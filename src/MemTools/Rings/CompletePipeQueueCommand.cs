using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Rings;

namespace MemTools.Commands;

/// <summary>Complete-PipeQueue: publishes what is whole, and declares that nothing more will be written.</summary>
[Cmdlet(VerbsLifecycle.Complete, "PipeQueue")]
[OutputType(typeof(void))]
public sealed class CompletePipeQueueCommand : PipeQueueCommand
{
    /// <summary>The queues, or their names.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [PipeQueueTransformation]
    [ArgumentCompleter(typeof(PipeQueueNameCompleter))]
    [ValidateNotNullOrEmpty]
    public PipeQueue[] PipeQueue { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (PipeQueue queue in PipeQueue)
            Try(queue, queue.Complete);
    }
}
