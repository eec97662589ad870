using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Pools;

namespace MemTools.Commands;

/// <summary>Get-NativeBuffer: lists the buffers and composites that nobody has disposed, or those that were forgotten.</summary>
[Cmdlet(VerbsCommon.Get, "NativeBuffer", DefaultParameterSetName = NameSet)]
[OutputType(typeof(NativeBuffer), typeof(CompositeBuffer), ParameterSetName = [NameSet])]
[OutputType(typeof(LeakedObject), ParameterSetName = [LeakedSet])]
public sealed class GetNativeBufferCommand : PSCmdlet
{
    private const string NameSet = "Name";
    private const string LeakedSet = "Leaked";

    /// <summary>Their names; wildcards are resolved.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = NameSet)]
    [ArgumentCompleter(typeof(NativeBufferNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Those that the garbage collector had to release.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LeakedSet)]
    public SwitchParameter Leaked { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Leaked)
        {
            WriteObject(LeakTracking.GetLeaked().Where(one => one.Kind == LiveBuffers.Noun), enumerateCollection: true);
            return;
        }

        foreach (string name in Name)
            WriteObject(NamedObjects.Find(this, name, "native buffer", NativeBuffer.GetAll(), buffer => buffer.Name), enumerateCollection: true);
    }
}
