using System.Management.Automation;
using MemTools.Rings;

namespace MemTools.Commands;

/// <summary>New-PipeQueue: makes an unbounded queue between one writer and one reader.</summary>
[Cmdlet(VerbsCommon.New, "PipeQueue")]
[OutputType(typeof(PipeQueue))]
public sealed class NewPipeQueueCommand : PSCmdlet
{
    /// <summary>How many objects lie in a chunk.</summary>
    [Parameter(Position = 0)]
    [ValidateRange(1, 1 << 20)]
    public int ChunkSize { get; set; } = 256;

    /// <summary>What commands know it by.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "queue";

    /// <inheritdoc/>
    protected override void EndProcessing() => WriteObject(PipeQueue.Create(ChunkSize, Name));
}
