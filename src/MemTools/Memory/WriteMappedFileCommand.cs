using System.Collections;
using System.Management.Automation;
using System.Text;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Memory;

namespace MemTools.Commands;

/// <summary>Write-MappedFile: copies bytes, text or numbers into a mapped file.</summary>
[Cmdlet(VerbsCommunications.Write, "MappedFile", SupportsShouldProcess = true)]
[OutputType(typeof(MappedFile))]
public sealed class WriteMappedFileCommand : InterruptibleCommand
{
    private MappedFileWriter? _writer;

    /// <summary>The mapping, or its name.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [MappedFileTransformation]
    [ArgumentCompleter(typeof(MappedFileNameCompleter))]
    public MappedFile MappedFile { get; set; } = null!;

    /// <summary>What to write: bytes, text, numbers, or arrays of these.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object InputObject { get; set; } = null!;

    /// <summary>Where the first byte goes, from the beginning of the mapping.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long Offset { get; set; }

    /// <summary>Converts each value to a number of this type first.</summary>
    [Parameter]
    public BinaryValueType As { get; set; }

    /// <summary>Writes the most significant byte of a number first.</summary>
    [Parameter]
    public SwitchParameter BigEndian { get; set; }

    /// <summary>How text is encoded.</summary>
    [Parameter]
    [EncodingTransformation]
    [ArgumentCompleter(typeof(EncodingCompleter))]
    public Encoding Encoding { get; set; } = Encoding.UTF8;

    /// <summary>Returns the mapping.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private bool Converts => MyInvocation.BoundParameters.ContainsKey(nameof(As));

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (ShouldProcess($"{MappedFile.Name} ({MappedFile.Path})", $"Write from byte {Offset} on"))
            _writer = new(MappedFile, Offset, Encoding, BigEndian);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Try(writer => writer.Add(Convert(InputObject)));

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        Try(writer => writer.Flush());
        if (PassThru && _writer is not null)
            WriteObject(MappedFile);
    }

    /// <summary>Ends the command where it fails: what follows would land in the wrong place.</summary>
    private void Try(Action<MappedFileWriter> work)
    {
        if (_writer is null)
            return;
        try
        {
            work(_writer);
        }
        catch (Exception e) when (e is IHasErrorKind or ObjectDisposedException)
        {
            ThrowTerminatingError(ErrorRecords.From(e, _writer.Unwritten));
        }
        catch (PSInvalidCastException e)
        {
            ThrowTerminatingError(ErrorRecords.Misuse(e, nameof(ErrorKind.Misuse), InputObject));
        }
    }

    private object Convert(object value)
    {
        object bare = value is PSObject wrapped ? wrapped.BaseObject : value;
        return bare switch
        {
            byte[] when !Converts => bare,
            IList list => list.Cast<object>().Select(Convert).ToArray(),
            _ => Converts ? LanguagePrimitives.ConvertTo(bare, BinaryValues.TypeOf(As), System.Globalization.CultureInfo.InvariantCulture) : bare,
        };
    }
}
