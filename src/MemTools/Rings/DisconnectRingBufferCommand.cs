using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Rings;

namespace MemTools.Commands;

/// <summary>Disconnect-RingBuffer: leaves a ring that processes share.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "RingBuffer", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class DisconnectRingBufferCommand : RingBufferCommand
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
            Try(() => ring, () => Leave(ring));
    }

    private void Leave(RingBuffer ring)
    {
        if (!ring.IsShared)
            throw new MemToolsException(ErrorKind.Misuse, $"'{ring.Name}' is this process's alone: there is nobody to leave it to. Remove-RingBuffer frees it.");
        if (ShouldProcess(ring.Name, "Leave the ring"))
            ring.Dispose();
    }
}
