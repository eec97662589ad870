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
            string? shared = target is RingBuffer ring ? ring.SharedName : name;
            if (ShouldProcess(name, shared is null ? "Remove the ring" : "Remove the ring and end its name for all processes"))
                Try(() => target, () => Remove(target as RingBuffer, shared));
        }
    }

    private static void Remove(RingBuffer? ring, string? shared)
    {
        try
        {
            if (shared is not null && ring is not { IsClosed: true })
                SharedRing.Remove(shared);
        }
        catch (MemToolsException e) when (e.Kind == ErrorKind.NotFound && ring is not null)
        {
            // Another process ended the name before.
        }
        finally
        {
            ring?.Dispose();
        }
    }
}
