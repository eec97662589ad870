namespace MemTools.Transfer.Trees;

/// <summary>
/// What is still to be done, taken from its end: files before the directories found beside them, those before the rest
/// of the directory above. So there is never more than a batch of entries a level.
/// </summary>
internal sealed class TreeQueue
{
    private readonly object _gate = new();
    private readonly List<Step> _steps = [];
    private int _waiting;
    private bool _ended;

    /// <summary>Among how many the entries of a batch are shared out; set before the first of them begins.</summary>
    internal int Workers { get; set; } = 1;

    /// <summary>A directory to list on, or a batch of its entries to work on.</summary>
    internal readonly record struct Step(TreeDirectory Directory, TreeBatch? Batch);

    internal void Push(params ReadOnlySpan<Step> steps)
    {
        lock (_gate)
        {
            foreach (Step step in steps)
                _steps.Add(step);
            if (_waiting > 0)
                Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Nothing more is handed out.</summary>
    internal void End()
    {
        lock (_gate)
        {
            _ended = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>The next directory to list, or the next chunk of a batch. False at the end.</summary>
    /// <param name="idle">Called before waiting.</param>
    /// <param name="directory">A directory to list on, or null.</param>
    /// <param name="chunk">Entries to work on, where there is no directory.</param>
    internal bool TryTake(Action idle, out TreeDirectory? directory, out TreeChunk chunk)
    {
        lock (_gate)
        {
            while (!_ended)
            {
                if (TakeStep(out directory, out chunk))
                    return true;
                _waiting++;
                Monitor.Exit(_gate);
                idle();
                Monitor.Enter(_gate);
                if (_steps.Count == 0 && !_ended)
                    Monitor.Wait(_gate);
                _waiting--;
            }
        }

        directory = null;
        chunk = default;
        return false;
    }

    /// <summary>What was never taken, when the run has been stopped.</summary>
    internal IEnumerable<Step> Rest()
    {
        lock (_gate)
            return [.. _steps];
    }

    private bool TakeStep(out TreeDirectory? directory, out TreeChunk chunk)
    {
        directory = null;
        chunk = default;
        if (_steps.Count == 0)
            return false;
        Step step = _steps[^1];
        if (step.Batch is null)
        {
            directory = step.Directory;
            _steps.RemoveAt(_steps.Count - 1);
            return true;
        }

        chunk = step.Batch.Take(Workers);
        if (!step.Batch.IsExhausted)
        {
            // One pending for each chunk besides the batch's own, which goes to the last.
            step.Directory.AddPending();
            return true;
        }

        step.Batch.Release();
        _steps.RemoveAt(_steps.Count - 1);
        return true;
    }
}
