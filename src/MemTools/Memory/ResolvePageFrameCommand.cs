using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Memory;

namespace MemTools.Commands;

/// <summary>Resolve-PageFrame: from addresses of a process to frames of the machine's memory.</summary>
[Cmdlet(VerbsDiagnostic.Resolve, "PageFrame")]
[OutputType(typeof(PageFrame))]
public sealed class ResolvePageFrameCommand : InterruptibleCommand
{
    private PageFrameReader? _reader;
    private int _readerId;

    /// <summary>The addresses.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Start")]
    [AddressTransformation]
    [ValidateNotNullOrEmpty]
    public ulong[] Address { get; set; } = [];

    /// <summary>The process; the shell itself where nothing is said.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("ProcessId", "PID")]
    [ArgumentCompleter(typeof(ProcessIdCompleter))]
    [ValidateRange(1, int.MaxValue)]
    public int Id { get; set; } = Environment.ProcessId;

    /// <summary>How many pages from each address on.</summary>
    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    public long Count { get; set; } = 1;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (ulong address in Address)
            Resolve(address);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _reader?.Dispose();
        base.Dispose(disposing);
    }

    private void Resolve(ulong address)
    {
        try
        {
            foreach (PageFrame frame in Reader().Read(address, Count, Interruption.Token))
                WriteObject(frame);
        }
        catch (Exception e) when (e is IHasErrorKind)
        {
            WriteError(ErrorRecords.From(e, address));
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <summary>Many addresses are likely to be of one process, whose files then stay open.</summary>
    private PageFrameReader Reader()
    {
        if (_reader is not null && _readerId == Id)
            return _reader;
        _reader?.Dispose();
        _reader = null;
        _reader = new PageFrameReader(Id);
        _readerId = Id;
        return _reader;
    }
}
