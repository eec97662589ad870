using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Rings;

namespace MemTools.Commands;

/// <summary>Publish-PipeQueue: shows the reader what was written.</summary>
[Cmdlet(VerbsData.Publish, "PipeQueue")]
[OutputType(typeof(void))]
public sealed class PublishPipeQueueCommand : PipeQueueCommand
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
            Try(queue, () => queue.Publish());
    }
}
