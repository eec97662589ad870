using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Pools;

namespace MemTools.Commands;

/// <summary>Remove-NativeBuffer: disposes buffers and composites.</summary>
[Cmdlet(VerbsCommon.Remove, "NativeBuffer", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveNativeBufferCommand : PSCmdlet
{
    /// <summary>The buffers, or their names.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [NativeBufferTransformation]
    [ArgumentCompleter(typeof(NativeBufferNameCompleter))]
    [ValidateNotNullOrEmpty]
    public INativeBuffer[] NativeBuffer { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (INativeBuffer buffer in NativeBuffer)
        {
            if (ShouldProcess($"{buffer.Name} ({HumanUnits.Size(buffer.Length)})", "Dispose"))
                buffer.Dispose();
        }
    }
}
