using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Memory;

namespace MemTools.Commands;

/// <summary>Get-MappedFile: lists the mapped files that are open.</summary>
[Cmdlet(VerbsCommon.Get, "MappedFile")]
[OutputType(typeof(MappedFile))]
public sealed class GetMappedFileCommand : PSCmdlet
{
    /// <summary>Their names; wildcards are resolved.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(MappedFileNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string name in Name)
            WriteObject(NamedObjects.Find(this, name, "mapped file", MappedFile.GetAll(), file => file.Name), enumerateCollection: true);
    }
}
