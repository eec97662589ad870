using MemTools.Kernel;
using MemTools.Transfer.Network;
using MemTools.Transfer.Trees;

namespace MemTools.Commands;

/// <summary>
/// A receiver on a thread of its own. It ends by itself, when it is disposed, on SIGTERM and SIGHUP, with the process, and
/// when the module is removed; each time unfinished files are put in order first.
/// </summary>
internal sealed class BackgroundReceiver : ILiveObject
{
    private static readonly LiveObjects<BackgroundReceiver> Live = new("receiver");

    private readonly FileReceiver _receiver;
    private readonly Thread _thread;
    private readonly Interruption _interruption = Interruption.Begin();
    private readonly ManualResetEventSlim _inOrder = new(initialState: false);

    static BackgroundReceiver() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Live.DisposeAll();

    private BackgroundReceiver(string name, FileReceiver receiver, Action<TreeOutcome> take, Action<Exception?, bool> ended)
    {
        Name = name;
        _receiver = receiver;
        _thread = new(() => Run(take, ended)) { IsBackground = true, Name = "MemTools receiver" };
    }

    public string Name { get; }

    /// <summary>Whether the calling thread is the receiver's own, which cannot wait for itself.</summary>
    internal bool IsHere => Thread.CurrentThread == _thread;

    /// <summary>Begins to hand outcomes on.</summary>
    /// <param name="receiver">Started; this ends it.</param>
    /// <param name="take">Called for each outcome.</param>
    /// <param name="ended">Called once in the end, when everything is in order, with what broke it off, and whether it was stopped.</param>
    internal static BackgroundReceiver Start(FileReceiver receiver, Action<TreeOutcome> take, Action<Exception?, bool> ended)
    {
        BackgroundReceiver started = Live.Add(receiver.ConnectionString!.ToString(), name => new(name, receiver, take, ended));
        started._thread.Start();
        return started;
    }

    /// <summary>Stops it, and waits until everything is in order.</summary>
    public void Dispose()
    {
        _interruption.Stop();
        // Not for the thread: at its end it tells others, who may be waiting for the caller of this (Receive-Job -Wait
        // -AutoRemoveJob removes a job whose event it keeps waiting).
        if (!IsHere)
            _inOrder.Wait();
    }

    private void Run(Action<TreeOutcome> take, Action<Exception?, bool> ended)
    {
        Exception? failure = null;
        bool stopped;
        using (_interruption)
        using (_interruption.BeginWork())
        {
            try
            {
                HandOn(take);
            }
            catch (OperationCanceledException)
            {
                // Asked for.
            }
            catch (Exception e)
            {
                // A mistake of this program too: on a thread of its own, what nobody catches here would end the shell.
                failure = e;
            }

            _receiver.Dispose();
            Live.Remove(this);
            stopped = _interruption.Token.IsCancellationRequested;
        }

        _inOrder.Set();
        ended(failure, stopped);
    }

    private void HandOn(Action<TreeOutcome> take)
    {
        using CancellationTokenRegistration stop = _interruption.Token.Register(_receiver.Stop);
        foreach (TreeOutcome outcome in _receiver.Outcomes())
            take(outcome);
    }
}
