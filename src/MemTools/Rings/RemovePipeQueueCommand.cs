using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Rings;

namespace MemTools.Commands;

/// <summary>Remove-PipeQueue: lets go of pipe queues and of what they hold.</summary>
[Cmdlet(VerbsCommon.Remove, "PipeQueue", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemovePipeQueueCommand : PSCmdlet
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
        {
            if (ShouldProcess(queue.Name, $"Remove the pipe queue, with {queue.Count} objects to read"))
                queue.Dispose();
        }
    }
}
