using System.Runtime.CompilerServices;

namespace MemTools.Transfer.Trees;

/// <summary>
/// Hands what became of items from the workers to the one who asked for them: in handfuls, so that the items of two workers
/// come in no fixed order. A worker that is far ahead waits, so that a slow reader does not make the queue grow with the tree.
/// </summary>
internal sealed class OutcomeQueue
{
    private const int Most = 4096;

    /// <summary>What is handed out when there is nothing: a list of the reader's own, to which no worker adds meanwhile.</summary>
    private static readonly List<TreeOutcome> Nothing = [];

    private readonly object _gate = new();
    private List<TreeOutcome> _ready = [];
    private List<TreeOutcome> _spare = [];
    private bool _ended;

    /// <summary>Adds a worker's outcomes; waits while there are too many.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal void Add(List<TreeOutcome> outcomes)
    {
        lock (_gate)
        {
            while (_ready.Count >= Most && !_ended)
                Monitor.Wait(_gate);
            bool wasEmpty = _ready.Count == 0;
            _ready.AddRange(outcomes);
            if (wasEmpty)
                Monitor.PulseAll(_gate);
        }

        outcomes.Clear();
    }

    /// <summary>No more will come, and nobody waits any longer.</summary>
    internal void End()
    {
        lock (_gate)
        {
            _ended = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>All that is there. Waits for something, for at most a while; null at the end.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal List<TreeOutcome>? Take(TimeSpan patience)
    {
        lock (_gate)
        {
            if (_ready.Count == 0 && !_ended)
                Monitor.Wait(_gate, patience);
            if (_ready.Count == 0)
                return _ended ? null : Nothing;
            bool wasFull = _ready.Count >= Most;
            (_ready, _spare) = (_spare, _ready);
            _ready.Clear();
            if (wasFull)
                Monitor.PulseAll(_gate);
            return _spare;
        }
    }
}
