using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Pools;

namespace MemTools.Commands;

/// <summary>New-NativeBuffer: takes memory outside the garbage collector's heap, or wraps an array.</summary>
[Cmdlet(VerbsCommon.New, "NativeBuffer", DefaultParameterSetName = LengthSet)]
[OutputType(typeof(NativeBuffer))]
public sealed class NewNativeBufferCommand : PSCmdlet
{
    private const string LengthSet = "Length";
    private const string ArraySet = "Array";

    /// <summary>Bytes.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = LengthSet)]
    [ValidateRange(0, long.MaxValue)]
    public long Length { get; set; }

    /// <summary>What the address is to be a multiple of.</summary>
    [Parameter(ParameterSetName = LengthSet)]
    public long Alignment { get; set; } = 16;

    /// <summary>Keeps it out of swap.</summary>
    [Parameter(ParameterSetName = LengthSet)]
    public SwitchParameter Locked { get; set; }

    /// <summary>Makes it of reserved huge pages.</summary>
    [Parameter(ParameterSetName = LengthSet)]
    public SwitchParameter HugePage { get; set; }

    /// <summary>Clears it.</summary>
    [Parameter(ParameterSetName = LengthSet)]
    public SwitchParameter Zero { get; set; }

    /// <summary>An array to use instead of memory of its own.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ArraySet)]
    [ValidateNotNull]
    public object InputObject { get; set; } = null!;

    /// <summary>What commands are to know it by.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        try
        {
            WriteObject(ParameterSetName == ArraySet ? NativeBuffer.Wrap(ArrayItself(), Options()) : NativeBuffer.Create(Length, Options()));
        }
        catch (Exception e) when (e is IHasErrorKind)
        {
            ThrowTerminatingError(ErrorRecords.From(e, Name));
        }
    }

    /// <summary>Any other list would be converted to a new array, which nobody else would ever see.</summary>
    private byte[] ArrayItself() => (InputObject is PSObject wrapped ? wrapped.BaseObject : InputObject) as byte[]
        ?? throw new MemToolsException(ErrorKind.Misuse, $"-InputObject takes a byte array, such as [byte[]]::new(1MB), and not a {InputObject.GetType().Name}.");

    private NativeBufferOptions Options() => new()
    {
        Alignment = Alignment,
        Locked = Locked,
        HugePage = HugePage,
        Zero = Zero,
        Name = Name,
        MadeAt = ScriptPosition.Of(MyInvocation),
    };
}
