using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Memory;

namespace MemTools.Commands;

/// <summary>Close-MappedFile: unmaps files.</summary>
[Cmdlet(VerbsCommon.Close, "MappedFile", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class CloseMappedFileCommand : PSCmdlet
{
    /// <summary>The mappings, or their names.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [MappedFileTransformation]
    [ArgumentCompleter(typeof(MappedFileNameCompleter))]
    [ValidateNotNullOrEmpty]
    public MappedFile[] MappedFile { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (MappedFile file in MappedFile)
        {
            if (ShouldProcess($"{file.Name} ({file.Path})", "Unmap"))
                file.Dispose();
        }
    }
}
