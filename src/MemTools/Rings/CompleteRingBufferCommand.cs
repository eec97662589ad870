using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Rings;

namespace MemTools.Commands;

/// <summary>Complete-RingBuffer: declares that nothing more will be written.</summary>
[Cmdlet(VerbsLifecycle.Complete, "RingBuffer")]
[OutputType(typeof(void))]
public sealed class CompleteRingBufferCommand : RingBufferCommand
{
    /// <summary>The rings, or their names.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [RingBufferTransformation]
    [ArgumentCompleter(typeof(RingBufferNameCompleter))]
    [ValidateNotNullOrEmpty]
    public RingBuffer[] RingBuffer { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (RingBuffer ring in RingBuffer)
            Try(() => ring, ring.Complete);
    }
}
