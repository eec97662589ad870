using System.Management.Automation;
using System.Text;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Memory;

namespace MemTools.Commands;

/// <summary>Read-MappedFile: copies bytes, text or numbers out of a mapped file.</summary>
[Cmdlet(VerbsCommunications.Read, "MappedFile", DefaultParameterSetName = ValueSet)]
[OutputType(typeof(byte[]), typeof(string), typeof(long), typeof(Array))]
public sealed class ReadMappedFileCommand : MappedFileCommand
{
    private const string ValueSet = "Value";
    private const string StringSet = "String";
    private const string IntoSet = "Into";

    /// <summary>The mapping, or its name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [MappedFileTransformation]
    [ArgumentCompleter(typeof(MappedFileNameCompleter))]
    public MappedFile MappedFile { get; set; } = null!;

    /// <summary>The first byte, from the beginning of the mapping.</summary>
    [Parameter(Position = 1)]
    [ValidateRange(0, long.MaxValue)]
    public long Offset { get; set; }

    /// <summary>How many bytes, or numbers.</summary>
    [Parameter(Position = 2)]
    [ValidateRange(0, long.MaxValue)]
    public long Count { get; set; }

    /// <summary>Returns numbers of this type.</summary>
    [Parameter(ParameterSetName = ValueSet)]
    public BinaryValueType As { get; set; }

    /// <summary>Takes the first byte of a number for the most significant.</summary>
    [Parameter(ParameterSetName = ValueSet)]
    public SwitchParameter BigEndian { get; set; }

    /// <summary>Returns text.</summary>
    [Parameter(Mandatory = true, ParameterSetName = StringSet)]
    public SwitchParameter AsString { get; set; }

    /// <summary>How the text is encoded.</summary>
    [Parameter(ParameterSetName = StringSet)]
    [EncodingTransformation]
    [ArgumentCompleter(typeof(EncodingCompleter))]
    public Encoding Encoding { get; set; } = Encoding.UTF8;

    /// <summary>Fills this array instead of returning a new one.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IntoSet)]
    [ValidateNotNull]
    public object Into { get; set; } = null!;

    private bool HasCount => MyInvocation.BoundParameters.ContainsKey(nameof(Count));

    /// <inheritdoc/>
    protected override void ProcessRecord() => Try(MappedFile, () =>
    {
        switch (ParameterSetName)
        {
            case IntoSet:
                WriteObject(Fill());
                break;
            case StringSet:
                byte[] bytes = (byte[])Values(BinaryValueType.Byte, HasCount ? Count : Rest());
                WriteObject(Encoding.GetString(bytes));
                break;
            default:
                WriteValues();
                break;
        }
    });

    /// <summary>One number where no count is given; the rest where it is bytes that nobody called numbers.</summary>
    private void WriteValues()
    {
        bool one = !HasCount && MyInvocation.BoundParameters.ContainsKey(nameof(As));
        Array values = Values(As, HasCount ? Count : one ? 1 : Rest());
        WriteObject(one ? values.GetValue(0) : values, enumerateCollection: false);
    }

    private Array Values(BinaryValueType type, long count)
    {
        if (count > Array.MaxLength)
            throw new MemToolsException(ErrorKind.Misuse, $"{count} are more than an array holds; read at most {Array.MaxLength} at a time with -Count.");
        return BinaryValues.Read(MappedFile, type, Offset, (int)count, BigEndian, Interruption.Token);
    }

    /// <summary>Returns how many bytes were read, which is less than the buffer holds at the end of the mapping only.</summary>
    private long Fill()
    {
        // Any other array would be converted to a new one, which nobody would ever see.
        if ((Into is PSObject wrapped ? wrapped.BaseObject : Into) is not byte[] buffer)
            throw new MemToolsException(ErrorKind.Misuse, $"-Into takes a byte array, such as [byte[]]::new(1MB), and not a {Into.GetType().Name}.");
        long count = HasCount ? Count : Math.Min(buffer.Length, Rest());
        if (count > buffer.Length)
            throw new MemToolsException(ErrorKind.Misuse, $"-Count {count} is more than the buffer's {buffer.Length} bytes.");
        MappedFile.Read(Offset, buffer.AsSpan(0, (int)count), Interruption.Token);
        return count;
    }

    private long Rest()
    {
        MappedFile.CheckRange(Offset, 0);
        return MappedFile.Length - Offset;
    }
}
