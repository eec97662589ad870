using System.Runtime.CompilerServices;

namespace MemTools.Transfer.Trees;

/// <summary>
/// What is still to be done, taken from its end: files before the directories found beside them, those before the rest
/// of the directory above. So there is never more than a batch of entries a level and worker. Where there is a choice, a
/// worker is given a directory in which no other works: two that make files in one directory wait for its lock in the kernel.
/// </summary>
internal sealed class TreeQueue
{
    /// <summary>How many steps are looked at for one in a directory that no other worker is in.</summary>
    private const int LooksBack = 32;

    private readonly object _gate = new();
    private readonly List<Step> _steps = [];
    private int _waiting;
    private bool _ended;

    /// <summary>Among how many the entries of a batch are shared out; set before the first of them begins.</summary>
    internal int Workers { get; set; } = 1;

    /// <summary>A directory to list on, a batch of its entries to work on, or a task that a policy made.</summary>
    internal readonly record struct Step(TreeDirectory Directory, TreeBatch? Batch, ITreeTask? Task = null);

    [MethodImpl(Compilation.AtOnce)]
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
    /// <param name="worker">Who asks.</param>
    /// <param name="idle">Called before waiting.</param>
    /// <param name="directory">A directory to list on, or null.</param>
    /// <param name="chunk">Entries to work on, where there is no directory.</param>
    /// <param name="task">A task to run instead of both, or null.</param>
    [MethodImpl(Compilation.AtOnce)]
    internal bool TryTake(TreeWorker worker, Action idle, out TreeDirectory? directory, out TreeChunk chunk, out ITreeTask? task)
    {
        lock (_gate)
        {
            while (!_ended)
            {
                if (TakeStep(worker, out directory, out chunk, out task))
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
        task = null;
        return false;
    }

    [MethodImpl(Compilation.AtOnce)]
    private bool TakeStep(TreeWorker worker, out TreeDirectory? directory, out TreeChunk chunk, out ITreeTask? task)
    {
        directory = null;
        chunk = default;
        task = null;
        if (_steps.Count == 0)
            return false;
        int at = Choose(worker);
        Step step = _steps[at];
        if (step.Task is null)
            step.Directory.Worker ??= worker;
        if (step.Batch is null)
        {
            task = step.Task;
            directory = task is null ? step.Directory : null;
            _steps.RemoveAt(at);
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
        _steps.RemoveAt(at);
        return true;
    }

    /// <summary>The last task, or step in a directory of the worker's own or of nobody's; where there is none near, the last of all.</summary>
    [MethodImpl(Compilation.AtOnce)]
    private int Choose(TreeWorker worker)
    {
        int last = _steps.Count - 1;
        for (int at = last; at >= 0 && at > last - LooksBack; at--)
        {
            if (_steps[at].Task is not null || _steps[at].Directory.Worker is not { } other || ReferenceEquals(other, worker))
                return at;
        }

        return last;
    }
}
