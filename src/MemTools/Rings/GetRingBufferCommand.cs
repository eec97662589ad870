using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Rings;

namespace MemTools.Commands;

/// <summary>Get-RingBuffer: lists rings, those of other processes that have a name too.</summary>
[Cmdlet(VerbsCommon.Get, "RingBuffer")]
[OutputType(typeof(ByteRing), typeof(ObjectRing), typeof(SharedRingInfo))]
public sealed class GetRingBufferCommand : PSCmdlet
{
    /// <summary>Their names; wildcards are resolved.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(RingBufferNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string name in Name)
            WriteNamed(name);
    }

    private void WriteNamed(string name)
    {
        // As it is first: a name may hold brackets.
        RingBuffer[] held = [.. RingBuffer.GetAll().Where(ring => string.Equals(ring.Name, name, StringComparison.OrdinalIgnoreCase))];
        if (held.Length > 0)
        {
            WriteObject(held, enumerateCollection: true);
            return;
        }

        bool isPattern = WildcardPattern.ContainsWildcardCharacters(name);
        WildcardPattern pattern = WildcardPattern.Get(isPattern ? name : WildcardPattern.Escape(name), WildcardOptions.IgnoreCase);
        object[] found = [.. All().Where(ring => pattern.IsMatch(ring.ToString()))];
        if (found.Length == 0 && !isPattern)
            WriteError(ErrorRecords.From(new MemToolsException(ErrorKind.NotFound, $"No ring is called '{name}'."), name));
        WriteObject(found, enumerateCollection: true);
    }

    /// <summary>Those that this process holds, and then those that only others hold.</summary>
    private IEnumerable<object> All()
    {
        IReadOnlyList<RingBuffer> held = RingBuffer.GetAll();
        return held.Concat<object>(Shared().Where(shared => !held.Any(ring => ring.SharedName == shared.Name)));
    }

    private IReadOnlyList<SharedRingInfo> Shared()
    {
        try
        {
            return SharedRing.GetAll();
        }
        catch (Exception e) when (e is IHasErrorKind)
        {
            // What this process holds can be listed all the same.
            WriteError(ErrorRecords.From(e, null));
            return [];
        }
    }
}
