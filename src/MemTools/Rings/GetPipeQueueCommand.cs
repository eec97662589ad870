using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Rings;

namespace MemTools.Commands;

/// <summary>Get-PipeQueue: lists the pipe queues that live.</summary>
[Cmdlet(VerbsCommon.Get, "PipeQueue")]
[OutputType(typeof(PipeQueue))]
public sealed class GetPipeQueueCommand : PSCmdlet
{
    /// <summary>Their names; wildcards are resolved.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(PipeQueueNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string name in Name)
            WriteObject(NamedObjects.Find(this, name, "pipe queue", PipeQueue.GetAll(), queue => queue.Name), enumerateCollection: true);
    }
}
