using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Rings;

namespace MemTools.Commands;

/// <summary>Write-PipeQueue: puts objects into a pipe queue, as one message, and publishes it.</summary>
[Cmdlet(VerbsCommunications.Write, "PipeQueue")]
[OutputType(typeof(void))]
public sealed class WritePipeQueueCommand : PipeQueueCommand
{
    private long _written;
    private bool _ended;

    /// <summary>The queue, or its name.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [PipeQueueTransformation]
    [ArgumentCompleter(typeof(PipeQueueNameCompleter))]
    public PipeQueue PipeQueue { get; set; } = null!;

    /// <summary>What to write.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object? InputObject { get; set; }

    /// <summary>Leaves the message unpublished.</summary>
    [Parameter]
    public SwitchParameter NoPublish { get; set; }

    /// <summary>More parts of the same message follow.</summary>
    [Parameter]
    public SwitchParameter Incomplete { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        // No closure: millions of objects come this way.
        try
        {
            PipeQueue.Write(BareWrapper.Off(InputObject), incomplete: true);
            _written++;
        }
        catch (Exception e) when (IsFailure(e))
        {
            WriteError(ErrorRecords.From(e, InputObject));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_written > 0 && !Incomplete)
            _ended = Try(PipeQueue, Finish);
        else
            _ended = true;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // The pipeline broke off: a message is written whole or not at all.
        if (!_ended)
            TakeBack();
        base.Dispose(disposing);
    }

    private void Finish()
    {
        PipeQueue.EndMessage();
        if (!NoPublish)
            PipeQueue.Publish();
    }

    private void TakeBack()
    {
        try
        {
            while (_written > 0 && PipeQueue.TryUnwrite(out _))
                _written--;
        }
        catch (Exception e) when (IsFailure(e))
        {
            // Completed or removed meanwhile, so that nobody will see the parts; or another thread writes, which spoils the
            // message anyway and was told so.
        }
    }
}
