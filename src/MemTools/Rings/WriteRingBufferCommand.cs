using System.Management.Automation;
using System.Text;
using MemTools.Commands.Support;
using MemTools.Rings;

namespace MemTools.Commands;

/// <summary>Write-RingBuffer: puts bytes, text, objects, or what a file or socket has, into a ring.</summary>
[Cmdlet(VerbsCommunications.Write, "RingBuffer", DefaultParameterSetName = InputSet)]
[OutputType(typeof(RingTransferResult), ParameterSetName = [PathSet, HandleSet])]
public sealed class WriteRingBufferCommand : RingBufferCommand
{
    private const string InputSet = "InputObject";
    private const string PathSet = "Path";
    private const string HandleSet = "Handle";

    private ByteRingWriter? _bytes;
    private ObjectRing? _objects;

    /// <summary>The ring, or its name.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [RingBufferTransformation]
    [ArgumentCompleter(typeof(RingBufferNameCompleter))]
    public RingBuffer RingBuffer { get; set; } = null!;

    /// <summary>What to write.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ParameterSetName = InputSet)]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object? InputObject { get; set; }

    /// <summary>How text is encoded.</summary>
    [Parameter(ParameterSetName = InputSet)]
    [EncodingTransformation]
    [ArgumentCompleter(typeof(EncodingCompleter))]
    public Encoding Encoding { get; set; } = Encoding.UTF8;

    /// <summary>Puts no newline behind each text.</summary>
    [Parameter(ParameterSetName = InputSet)]
    public SwitchParameter NoNewline { get; set; }

    // These two are what their parameter sets are chosen by, and so always there. Were they called mandatory, PowerShell would
    // look for them again at each object that comes down a pipeline, which takes a quarter of the time of passing it on.

    /// <summary>A file, FIFO or device to read to its end.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Alias("LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string FromPath { get; set; } = null!;

    /// <summary>A stream, socket or handle to read to its end.</summary>
    [Parameter(ParameterSetName = HandleSet)]
    [ValidateNotNull]
    public object FromHandle { get; set; } = null!;

    /// <summary>How many bytes to read at most.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = HandleSet)]
    [ValidateRange(1, long.MaxValue)]
    public long Count { get; set; } = long.MaxValue;

    /// <summary>How long to wait for room, in seconds; from a file or handle, how long in all.</summary>
    [Parameter]
    [ValidateRange(0, LongestTimeout)]
    public double? TimeoutSec { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (ParameterSetName != InputSet)
            return;
        _objects = RingBuffer as ObjectRing;
        if (RingBuffer is ByteRing bytes)
            _bytes = new(bytes, Encoding, addNewline: !NoNewline, TimeOf(TimeoutSec), Interruption.Token);
        else if (NoNewline || MyInvocation.BoundParameters.ContainsKey(nameof(Encoding)))
            Refuse("An object ring keeps text as it is: -Encoding and -NoNewline are for byte rings.");
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        // Nothing here may cost time that an object ring does not need: millions of objects come this way.
        if (_objects is { } objects)
            WriteObjectTo(objects);
        else if (_bytes is { } writer)
            WriteBytes(writer, NamedObjectTransformationAttribute.Bare(InputObject));
        else
            Fill();
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_bytes is { } writer)
            Try(() => writer.Unwritten, writer.Flush);
    }

    private void WriteObjectTo(ObjectRing ring)
    {
        object? item = BareWrapper.Off(InputObject);
        try
        {
            if (!ring.TryWrite(item) && !ring.TryWrite(item, TimeOf(TimeoutSec), Interruption.Token))
                WriteError(ErrorRecords.From(ByteRingWriter.TimedOut(ring, "an object"), InputObject));
        }
        catch (Exception e) when (IsFailure(e))
        {
            WriteError(ErrorRecords.From(e, InputObject));
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }

    private void WriteBytes(ByteRingWriter writer, object? item)
    {
        if (item is byte one && writer.Gather(one))
            return;
        // Apart, so that each failure keeps what it concerns.
        if (writer.HasGathered)
            Try(() => writer.Unwritten, writer.Flush);
        if (item is not byte)
            Try(() => writer.Unwritten ?? item, () => writer.Write(item));
    }

    private void Fill()
    {
        object target = ParameterSetName == PathSet ? FromPath : FromHandle;
        Try(() => target, () =>
        {
            ByteRing ring = RingBuffer as ByteRing ?? throw NotBytes(RingBuffer);
            using RingHandle source = ParameterSetName == PathSet
                ? RingHandle.ToRead(OnePath(FromPath), Interruption.Token)
                : RingHandle.Of(FromHandle, "pipe it: $stream | Write-RingBuffer");
            WriteObject(source.Move(handle => ring.FillFrom(handle, Count, TimeOf(TimeoutSec), Interruption.Token)));
        });
    }
}
