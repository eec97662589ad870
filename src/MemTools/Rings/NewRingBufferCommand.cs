using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Rings;

namespace MemTools.Commands;

/// <summary>New-RingBuffer: makes a ring of bytes or objects.</summary>
[Cmdlet(VerbsCommon.New, "RingBuffer")]
[OutputType(typeof(ByteRing), typeof(ObjectRing))]
public sealed class NewRingBufferCommand : PSCmdlet
{
    private const string DefaultName = "ring";

    /// <summary>How much it holds at least: bytes, or objects.</summary>
    [Parameter(Position = 0)]
    [ValidateRange(1, long.MaxValue)]
    public long Capacity { get; set; }

    /// <summary>What it holds.</summary>
    [Parameter]
    public RingKind Kind { get; set; }

    /// <summary>How many threads may use an object ring at a time.</summary>
    [Parameter]
    public RingConcurrency Concurrency { get; set; }

    /// <summary>What a write does where there is no room.</summary>
    [Parameter]
    public RingFullAction WhenFull { get; set; }

    /// <summary>Keeps each write to a byte ring apart, as one record.</summary>
    [Parameter]
    public SwitchParameter Record { get; set; }

    /// <summary>What commands know it by; a byte ring is shared with other processes by this name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Keeps a byte ring with a name to this process.</summary>
    [Parameter]
    public SwitchParameter Local { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        try
        {
            WriteObject(Kind == RingKind.Object ? MakeObjectRing() : MakeByteRing());
        }
        catch (Exception e) when (e is IHasErrorKind)
        {
            ThrowTerminatingError(ErrorRecords.From(e, Name));
        }
    }

    private ObjectRing MakeObjectRing()
    {
        if (Record)
            throw new MemToolsException(ErrorKind.Misuse, "An object ring keeps its objects apart anyway: -Record is for byte rings.");
        ObjectRingOptions options = new() { Concurrency = Concurrency, WhenFull = WhenFull, Name = Name ?? DefaultName };
        return ObjectRing.Create(Capacity > 0 ? options with { Capacity = Capacity } : options);
    }

    private ByteRing MakeByteRing()
    {
        if (MyInvocation.BoundParameters.ContainsKey(nameof(Concurrency)))
            throw new MemToolsException(ErrorKind.Misuse, "A byte ring has one writer and one reader at a time: -Concurrency is for -Kind Object.");
        ByteRingOptions options = new() { Mode = Record ? RingMode.Record : RingMode.Stream, WhenFull = WhenFull, Name = Name ?? DefaultName };
        if (Capacity > 0)
            options = options with { Capacity = Capacity };
        return Name is null || Local ? ByteRing.Create(options) : SharedRing.Create(Name, options);
    }
}
