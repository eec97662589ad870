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
            WriteNamed(name);
    }

    private void WriteNamed(string name)
    {
        // As it is first: a name may hold brackets.
        INativeBuffer? found = NativeBuffer.GetAll().FirstOrDefault(buffer => string.Equals(buffer.Name, name, StringComparison.OrdinalIgnoreCase));
        if (found is not null)
        {
            WriteObject(found);
        }
        else if (WildcardPattern.ContainsWildcardCharacters(name))
        {
            WildcardPattern pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
            WriteObject(NativeBuffer.GetAll().Where(buffer => pattern.IsMatch(buffer.Name)), enumerateCollection: true);
        }
        else
        {
            WriteError(ErrorRecords.From(new MemToolsException(ErrorKind.NotFound, $"No native buffer is called '{name}'."), name));
        }
    }
}
