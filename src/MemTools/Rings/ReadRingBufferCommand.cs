using System.Management.Automation;
using System.Text;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Rings;

namespace MemTools.Commands;

/// <summary>Read-RingBuffer: takes bytes, lines, records or objects out of a ring.</summary>
[Cmdlet(VerbsCommunications.Read, "RingBuffer", DefaultParameterSetName = ItemSet)]
[OutputType(typeof(byte[]), typeof(string), typeof(object))]
[OutputType(typeof(RingTransferResult), ParameterSetName = [PathSet, HandleSet])]
public sealed class ReadRingBufferCommand : RingBufferCommand
{
    private const string ItemSet = "Item";
    private const string LineSet = "Line";
    private const string RecordSet = "Record";
    private const string PathSet = "Path";
    private const string HandleSet = "Handle";

    /// <summary>The ring, or its name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [RingBufferTransformation]
    [ArgumentCompleter(typeof(RingBufferNameCompleter))]
    public RingBuffer RingBuffer { get; set; } = null!;

    /// <summary>How many at most: bytes, or lines, records or objects.</summary>
    [Parameter(Position = 1)]
    [ValidateRange(1, long.MaxValue)]
    public long? Count { get; set; }

    /// <summary>Reads lines of text.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LineSet)]
    public SwitchParameter Line { get; set; }

    /// <summary>Reads records.</summary>
    [Parameter(Mandatory = true, ParameterSetName = RecordSet)]
    public SwitchParameter Record { get; set; }

    /// <summary>Leaves in the ring what it reads.</summary>
    [Parameter(ParameterSetName = ItemSet)]
    [Parameter(ParameterSetName = LineSet)]
    [Parameter(ParameterSetName = RecordSet)]
    public SwitchParameter Peek { get; set; }

    /// <summary>Goes on until the ring is completed and empty, or the count is reached.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>How long to wait for the next at most, in seconds.</summary>
    [Parameter]
    [ValidateRange(0, LongestTimeout)]
    public double? TimeoutSec { get; set; }

    /// <summary>Returns text.</summary>
    [Parameter(ParameterSetName = ItemSet)]
    [Parameter(ParameterSetName = LineSet)]
    [Parameter(ParameterSetName = RecordSet)]
    public SwitchParameter AsString { get; set; }

    /// <summary>How the text is encoded.</summary>
    [Parameter(ParameterSetName = ItemSet)]
    [Parameter(ParameterSetName = LineSet)]
    [Parameter(ParameterSetName = RecordSet)]
    [EncodingTransformation]
    [ArgumentCompleter(typeof(EncodingCompleter))]
    public Encoding Encoding { get; set; } = Encoding.UTF8;

    /// <summary>A file, FIFO or device that gets it.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet)]
    [Alias("LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string ToPath { get; set; } = null!;

    /// <summary>Puts it behind what the file has.</summary>
    [Parameter(ParameterSetName = PathSet)]
    public SwitchParameter Append { get; set; }

    /// <summary>Puts it in the place of what the file has.</summary>
    [Parameter(ParameterSetName = PathSet)]
    public SwitchParameter Force { get; set; }

    /// <summary>A stream, socket or handle that gets it.</summary>
    [Parameter(Mandatory = true, ParameterSetName = HandleSet)]
    [ValidateNotNull]
    public object ToHandle { get; set; } = null!;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (!AsString && !Line && MyInvocation.BoundParameters.ContainsKey(nameof(Encoding)))
            Refuse("-Encoding says how text is read, and bytes or objects are asked for: add -AsString or -Line.");
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName is PathSet or HandleSet)
            Drain();
        else
            ReadItems();
    }

    private void ReadItems()
    {
        RingItemReader? items = null;
        Try(() => (object?)items?.Unread ?? RingBuffer, () =>
        {
            items = new(RingBuffer, Reading(), Interruption.Token);
            // One by one: what a later command of the pipeline does not want stays in the ring.
            while (items.TryNext(out object? item))
                WriteObject(item);
        });
    }

    private void Drain()
    {
        object target = ParameterSetName == PathSet ? ToPath : ToHandle;
        Try(() => target, () => DrainTo(RingBuffer as ByteRing ?? throw NotBytes(RingBuffer)));
    }

    private void DrainTo(ByteRing ring)
    {
        TimeSpan timeout = Wait && TimeoutSec is null ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(TimeoutSec ?? 0);
        using RingHandle target = ParameterSetName == PathSet
            ? RingHandle.ToWrite(OnePath(ToPath), FileMode(), Interruption.Token)
            : RingHandle.Of(ToHandle, "read bytes and write them to it");
        long before = ring.TotalRead;
        try
        {
            WriteObject(target.Move(handle => ring.DrainTo(handle, Count ?? long.MaxValue, timeout, Interruption.Token)));
        }
        catch (OperationCanceledException)
        {
            Host.UI.WriteWarningLine($"Stopped: {Progress(before, ToPath ?? ToHandle)}");
            throw;
        }
        catch (Exception e) when (e is IHasErrorKind)
        {
            throw new MemToolsException(((IHasErrorKind)e).Kind, $"{e.Message.TrimEnd('.')}. {Progress(before, ToPath ?? ToHandle)}", e);
        }
    }

    private string Progress(long before, object target) =>
        $"{RingBuffer.TotalRead - before} bytes had been written to '{target}'; what follows them is still in '{RingBuffer.Name}'.";

    private RingFileMode FileMode()
    {
        if (Append && Force)
            throw new MemToolsException(ErrorKind.Misuse, "-Append keeps what the file has and -Force does not: choose one.");
        return Append ? RingFileMode.Append : Force ? RingFileMode.Replace : RingFileMode.New;
    }

    private RingReading Reading() => new()
    {
        Unit = Line ? RingUnit.Line : Record ? RingUnit.Record : RingUnit.Any,
        Count = Count,
        Peek = Peek,
        Follow = Wait,
        Timeout = TimeoutSec is null ? null : TimeOf(TimeoutSec),
        Encoding = AsString || Line ? Encoding : null,
    };
}
