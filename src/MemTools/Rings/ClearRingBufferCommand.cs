using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Rings;

namespace MemTools.Commands;

/// <summary>Clear-RingBuffer: throws away what is there to read.</summary>
[Cmdlet(VerbsCommon.Clear, "RingBuffer", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class ClearRingBufferCommand : RingBufferCommand
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
        {
            string unit = ring is ByteRing ? "bytes" : "objects";
            if (ShouldProcess(ring.Name, $"Throw away the {ring.Used:N0} {unit} in it"))
                Try(() => ring, ring.Clear);
        }
    }
}
