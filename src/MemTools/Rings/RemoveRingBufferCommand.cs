using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Rings;

namespace MemTools.Commands;

/// <summary>Remove-RingBuffer: frees rings, and ends the names of those that processes share.</summary>
[Cmdlet(VerbsCommon.Remove, "RingBuffer", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveRingBufferCommand : RingBufferCommand
{
    /// <summary>The rings, or their names; also those of other processes.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [RingTargetTransformation]
    [ArgumentCompleter(typeof(RingBufferNameCompleter))]
    [ValidateNotNullOrEmpty]
    public object[] RingBuffer { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (object target in RingBuffer)
        {
            string name = target.ToString()!;
            bool isShared = target is not RingBuffer ring || ring.IsShared;
            if (ShouldProcess(name, isShared ? "Remove the ring and end its name for all processes" : "Remove the ring"))
                Try(() => target, () => Remove(target));
        }
    }

    private static void Remove(object target)
    {
        if (target is SharedRingInfo other)
            SharedRing.Remove(other);
        else
            Remove((RingBuffer)target);
    }

    private static void Remove(RingBuffer ring)
    {
        try
        {
            if (ring is ByteRing { IsShared: true, IsClosed: false } shared)
                SharedRing.Remove(shared);
        }
        catch (MemToolsException e) when (e.Kind == ErrorKind.NotFound)
        {
            // Another process ended the name before, and perhaps made another ring under it.
        }
        finally
        {
            ring.Dispose();
        }
    }
}
