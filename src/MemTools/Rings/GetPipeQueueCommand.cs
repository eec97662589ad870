using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
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
            WriteNamed(name);
    }

    private void WriteNamed(string name)
    {
        // As it is first: a name may hold brackets.
        PipeQueue[] found = [.. PipeQueue.GetAll().Where(queue => string.Equals(queue.Name, name, StringComparison.OrdinalIgnoreCase))];
        if (found.Length == 0 && WildcardPattern.ContainsWildcardCharacters(name))
        {
            WildcardPattern pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
            WriteObject(PipeQueue.GetAll().Where(queue => pattern.IsMatch(queue.Name)), enumerateCollection: true);
            return;
        }

        if (found.Length == 0)
            WriteError(ErrorRecords.From(new MemToolsException(ErrorKind.NotFound, $"No pipe queue is called '{name}'."), name));
        WriteObject(found, enumerateCollection: true);
    }
}
