using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Trees;

/// <summary>
/// One copy of a tree: workers that list directories and copy what is in them, until nothing is left or somebody says
/// stop. What became of each item is taken from <see cref="Outcomes"/> by one reader.
/// </summary>
internal sealed class TreeRun : IDisposable
{
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _stop;
    private readonly CancellationTokenRegistration _stopping;
    private readonly List<TreeWorker> _workers = [];
    private readonly ConcurrentDictionary<ulong, bool> _stagesOn = new();
    private readonly Action? _idle;
    private TreeDirectory? _root;
    private Exception? _broken;
    private int _working;
    private int _rootsLeft = 1;
    private TreeScout? _scout;
    private bool _scouted;
    private bool _hasEnded;

    /// <param name="options">How to copy.</param>
    /// <param name="policy">What decides on items.</param>
    /// <param name="idle">Called once, when the last worker has ended and everything is in order.</param>
    /// <param name="stop">Stops the run.</param>
    internal TreeRun(TreeCopyOptions options, TreePolicy policy, Action? idle, CancellationToken stop)
    {
        Options = options;
        Policy = policy;
        Filter = new TreeFilter(options);
        Queue = new TreeQueue();
        Totals.CurrentFile = () => _workers.Select(worker => worker.Current).FirstOrDefault(file => file is not null);
        _idle = idle;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _stopping = _stop.Token.Register(EndQueues);
    }

    internal TreeCopyOptions Options { get; }

    internal TreePolicy Policy { get; }

    internal TreeFilter Filter { get; }

    internal int Workers { get; private set; }

    internal DescriptorBudget Budget { get; init; } = new();

    internal TreeQueue Queue { get; }

    internal OutcomeQueue Results { get; } = new();

    internal LinkMap Links { get; } = new();

    /// <summary>When new directories take their names at the latest.</summary>
    internal StageLimits Stages { get; init; } = new();

    internal TreeTotals Totals { get; } = new();

    /// <summary>Whether outcomes tell what -Verbose shows.</summary>
    internal bool WantsVerbose { get; init; }

    /// <summary>Called once, when the last worker has ended.</summary>
    internal Action? WhenEnded { get; set; }

    /// <summary>Whether the run began with one name, whose directory is then the root of relative paths.</summary>
    internal bool BeginsWithName { get; private set; }

    /// <summary>The name that the run began with, where it did.</summary>
    internal NativePath FirstName { get; private set; }

    /// <summary>Whether the last worker has ended.</summary>
    internal bool HasEnded
    {
        get => Volatile.Read(ref _hasEnded);
        private set => Volatile.Write(ref _hasEnded, value);
    }

    internal CancellationToken Stop => _stop.Token;

    /// <summary>A call in which a worker is and which the kernel will not interrupt, or null.</summary>
    internal string? UninterruptibleCall => _workers.Select(worker => worker.Context.UninterruptibleCall).FirstOrDefault(call => call is not null);

    /// <summary>Destinations that were being written in place when the run was stopped.</summary>
    internal IEnumerable<string> LeftIncomplete => _workers.Select(worker => worker.Context.LeftIncomplete).OfType<string>();

    /// <summary>Begins with all that is in a pair of directories.</summary>
    internal void Start(TreeDirectory root)
    {
        Queue.Push(new TreeQueue.Step(root, null));
        StartWorkers(root);
    }

    /// <summary>Begins with one name in a pair of directories.</summary>
    internal void Start(TreeDirectory root, NativePath name, NativePath destinationName)
    {
        BeginsWithName = true;
        FirstName = name;
        // The batch takes over the pending that every directory has for its listing: this one is not listed.
        Queue.Push(new TreeQueue.Step(root, TreeBatch.Of(root, name, destinationName)));
        StartWorkers(root);
    }

    /// <summary>Begins with names in several directories, each of them with a root of its own, which is the source alone.</summary>
    internal void Start(IReadOnlyList<(TreeDirectory Root, List<(NativePath Source, NativePath Destination)> Names)> sources)
    {
        BeginsWithName = true;
        if (sources.Count == 0)
        {
            HasEnded = true;
            TellEnd();
            return;
        }

        _rootsLeft = sources.Count;
        // Taken from the end: what was named first comes first.
        foreach ((TreeDirectory root, List<(NativePath Source, NativePath Destination)> names) in sources.Reverse())
        {
            root.AddPending(names.Count - 1);
            foreach ((NativePath source, NativePath destination) in names.AsEnumerable().Reverse())
                Queue.Push(new TreeQueue.Step(root, TreeBatch.Of(root, source, destination)));
        }

        StartWorkers(sources[0].Root);
    }

    /// <summary>What became of the items, in no fixed order. Ends when the run does.</summary>
    /// <param name="turn">Called about ten times a second while the reader waits, for progress.</param>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    internal IEnumerable<TreeOutcome> Outcomes(Action? turn = null)
    {
        while (Results.Take(Turn) is { } ready)
        {
            foreach (TreeOutcome outcome in ready)
                yield return outcome;
            if (turn is null)
                continue;
            // What is sent is not counted beforehand: every statx(2) would be made twice.
            if (!_scouted && !Policy.FinishesLater && Totals.Elapsed > TreeScout.BeginsAfter)
            {
                _scouted = true;
                _scout = TreeScout.Begin(this, _root!);
            }

            turn();
        }

        Join();
        if (_broken is TransferException why)
            throw why;
        if (_broken is not null)
            throw new InvalidOperationException($"The copy of the tree broke off: {_broken.Message}", _broken);
        _stop.Token.ThrowIfCancellationRequested();
    }

    /// <summary>Stops what is still at work, and waits for it.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        Join();
        _stopping.Dispose();
        _stop.Dispose();
        foreach (TreeWorker worker in _workers)
            worker.Context.Dispose();
    }

    /// <summary>
    /// Whether a new directory can have a temporary name while its files are made. Not where only some of them are wanted
    /// or they are to be found again under their names after a crash, nor where they come slowly.
    /// </summary>
    /// <param name="parent">Where it is to be made.</param>
    /// <param name="status">That directory's status.</param>
    [MethodImpl(Compilation.AtOnce)]
    internal bool MayStage(Descriptor parent, in Statx status)
    {
        if (!Policy.Stages || Options.PlanOnly || Options.SelectsFiles || Options.File.Flush || Options.File.Resume)
            return false;
        return _stagesOn.GetOrAdd(status.Device, static (_, directory) => LocalFileSystem.Holds(directory), parent);
    }

    /// <summary>Something that no item can be blamed for.</summary>
    internal void Break(Exception reason)
    {
        Interlocked.CompareExchange(ref _broken, reason, null);
        _stop.Cancel();
    }

    /// <summary>Whether a directory of the source is the one that the copy goes to.</summary>
    internal bool IsDestinationRoot(in Statx directory) => _root!.IsDestination(directory);

    /// <summary>Takes one piece of work off a directory, and completes it and those above where that was the last.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal void Complete(TreeDirectory directory, TreeWorker worker)
    {
        if (Policy.FinishesLater)
        {
            Complete(directory);
            return;
        }

        if (directory.RemoveOwnPending())
            directory.EndStage();
        for (TreeDirectory? one = directory; one is not null && one.RemovePending(); one = one.Parent)
        {
            worker.Finish(one);
            if (one.Parent is null)
                EndRoot();
        }
    }

    /// <summary>Takes one piece of work off a directory of a policy that finishes later. For any thread; does not wait.</summary>
    internal void Complete(TreeDirectory directory)
    {
        if (directory.RemovePending())
            Policy.FinishLater(directory);
    }

    /// <summary>Takes note that a directory that was to be finished later is.</summary>
    internal void Finished(TreeDirectory directory)
    {
        directory.Close();
        if (directory.Parent is { } parent)
            Complete(parent);
        else
            EndRoot();
    }

    private void EndRoot()
    {
        if (Interlocked.Decrement(ref _rootsLeft) == 0)
            Queue.End();
    }

    internal void Ended()
    {
        if (Interlocked.Decrement(ref _working) > 0)
            return;
        HasEnded = true;
        // Of a run that was stopped; else all are closed.
        Budget.CloseAll();
        TellEnd();
    }

    private void TellEnd()
    {
        _idle?.Invoke();
        WhenEnded?.Invoke();
        Results.End();
    }

    private void StartWorkers(TreeDirectory root)
    {
        _root = root;
        Workers = CountWorkers(root);
        Queue.Workers = Workers;
        for (int i = 0; i < Workers; i++)
            _workers.Add(new TreeWorker(this, i));
        _working = Workers;
        foreach (TreeWorker worker in _workers)
            worker.Start();
    }

    private int CountWorkers(TreeDirectory root)
    {
        // A plan is read by people, in the order of the tree; it is made of little else than the walk.
        if (Options.PlanOnly)
            return 1;
        return Options.ThrottleLimit > 0 ? Options.ThrottleLimit : WorkerCount.For(root.Status, root.DestinationStatus);
    }

    private void EndQueues()
    {
        Queue.End();
        Results.End();
    }

    private void Join()
    {
        foreach (TreeWorker worker in _workers)
            worker.Join();
        _scout?.Join();
    }
}
