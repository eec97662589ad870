using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
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
            WriteNamed(name);
    }

    private void WriteNamed(string name)
    {
        // As it is first: a file's name may hold brackets.
        MappedFile[] found = [.. MappedFile.GetAll().Where(file => string.Equals(file.Name, name, StringComparison.OrdinalIgnoreCase))];
        if (found.Length == 0 && WildcardPattern.ContainsWildcardCharacters(name))
        {
            WildcardPattern pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
            WriteObject(MappedFile.GetAll().Where(file => pattern.IsMatch(file.Name)), enumerateCollection: true);
            return;
        }

        if (found.Length == 0)
            WriteError(ErrorRecords.From(new MemToolsException(ErrorKind.NotFound, $"No mapped file is called '{name}'."), name));
        WriteObject(found, enumerateCollection: true);
    }
}
