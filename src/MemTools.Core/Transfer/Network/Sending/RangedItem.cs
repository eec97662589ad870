using MemTools.Kernel;
using MemTools.Transfer.Network.Wire;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer.Network.Sending;

/// <summary>A file that is sent in ranges: it hears the receiver's answer, and that nothing more of it is wanted.</summary>
internal sealed class RangedItem(
    SendRun run, SendConnection connection, uint id, TreeDirectory directory, NativePath name, NativePath destination, long started)
    : SentItem(run, connection, id, directory, name, destination, started)
{
    private readonly object _gate = new();
    private ResumePoint[]? _points;
    private bool _over;

    /// <summary>Whether nothing more of it is to be sent: it was refused, or its connection broke.</summary>
    internal bool IsOver
    {
        get
        {
            lock (_gate)
                return _over;
        }
    }

    /// <summary>Waits for the receiver's answer; null where there will be none.</summary>
    internal ResumePoint[]? WaitForAnswer(CancellationToken stop)
    {
        using CancellationTokenRegistration wake = stop.Register(Wake);
        lock (_gate)
        {
            while (_points is null && !_over)
            {
                stop.ThrowIfCancellationRequested();
                Monitor.Wait(_gate);
            }

            return _over ? null : _points;
        }
    }

    internal override void Answered(ResumePoint[] points)
    {
        lock (_gate)
        {
            _points = points;
            Monitor.PulseAll(_gate);
        }
    }

    internal override bool Done(in ResultRecord record)
    {
        End();
        return base.Done(record);
    }

    internal override void Lost()
    {
        End();
        base.Lost();
    }

    private void End()
    {
        lock (_gate)
        {
            _over = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Wake()
    {
        lock (_gate)
            Monitor.PulseAll(_gate);
    }
}
