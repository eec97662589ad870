using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Memory;

namespace MemTools.Commands;

/// <summary>Sync-MappedFile: puts what was written into a mapped file on the disk.</summary>
[Cmdlet(VerbsData.Sync, "MappedFile")]
[OutputType(typeof(MappedFileSyncResult))]
public sealed class SyncMappedFileCommand : MappedFileCommand
{
    private volatile bool _syncing;

    /// <summary>The mapping, or its name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [MappedFileTransformation]
    [ArgumentCompleter(typeof(MappedFileNameCompleter))]
    public MappedFile MappedFile { get; set; } = null!;

    /// <summary>The first byte, from the beginning of the mapping.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long Offset { get; set; }

    /// <summary>How many bytes.</summary>
    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    public long Length { get; set; }

    /// <summary>Waits until they are on the disk.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <inheritdoc/>
    protected override string? UninterruptibleCall => _syncing ? "msync" : null;

    /// <inheritdoc/>
    protected override void ProcessRecord() => Try(MappedFile, () =>
    {
        MappedFile.CheckRange(Offset, 0);
        long length = MyInvocation.BoundParameters.ContainsKey(nameof(Length)) ? Length : MappedFile.Length - Offset;
        _syncing = true;
        WriteObject(MappedFile.Sync(Offset, length, Wait, Interruption.Token));
        _syncing = false;
    });
}
