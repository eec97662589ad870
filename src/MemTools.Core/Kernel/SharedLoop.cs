using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace MemTools.Kernel;

/// <summary>
/// Steps that several processors do: helpers from the thread pool, which may come late or never, and the thread that
/// wants the result, which takes step after step until none is left. So a busy machine costs nothing but their help.
/// </summary>
internal sealed class SharedLoop : IThreadPoolWorkItem
{
    /// <summary>How often to look again before sleeping: some ten microseconds, what being woken costs.</summary>
    private const int Spins = 40;

    private readonly object _gate = new();
    private readonly Action<long> _step;
    private readonly long _steps;
    private long _taken;
    private long _done;
    private long _failedStep = long.MaxValue;
    private Exception? _failure;

    private SharedLoop(long steps, Action<long> step)
    {
        _steps = steps;
        _step = step;
    }

    /// <summary>Lets helpers begin. <see cref="Finish"/> or <see cref="Abandon"/> has to follow.</summary>
    /// <param name="steps">How many there are.</param>
    /// <param name="helpers">How many threads to ask for help.</param>
    /// <param name="step">Does one of them, on any thread.</param>
    internal static SharedLoop Start(long steps, int helpers, Action<long> step)
    {
        SharedLoop loop = new(steps, step);
        for (int helper = 0; helper < helpers; helper++)
            ThreadPool.UnsafeQueueUserWorkItem(loop, preferLocal: false);
        return loop;
    }

    /// <summary>Does what is left, and waits for what others are at.</summary>
    /// <exception cref="Exception">A step failed: what the first of them threw. Later steps may not have been done.</exception>
    internal void Finish()
    {
        TakeSteps();
        WaitForHelpers();
        if (_failure is { } failure)
            ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>Leaves out the steps that nobody has begun, and waits for the others: then nobody touches anything any more.</summary>
    internal void Abandon()
    {
        Volatile.Write(ref _failedStep, -1);
        TakeSteps();
        WaitForHelpers();
    }

    /// <summary>A helper that comes too late finds no step to take, and touches nothing.</summary>
    void IThreadPoolWorkItem.Execute() => TakeSteps();

    [MethodImpl(Compilation.AtOnce)]
    private void TakeSteps()
    {
        long step;
        while ((step = Interlocked.Increment(ref _taken) - 1) < _steps)
        {
            if (step < Volatile.Read(ref _failedStep))
                Do(step);
            if (Interlocked.Increment(ref _done) < _steps)
                continue;
            lock (_gate)
                Monitor.PulseAll(_gate);
        }
    }

    private void Do(long step)
    {
        try
        {
            _step(step);
        }
        catch (Exception e)
        {
            // A matter of the thread that waits for it; on the pool's it would end the process.
            Keep(step, e);
        }
    }

    private void Keep(long step, Exception failure)
    {
        lock (_gate)
        {
            if (step >= _failedStep)
                return;
            _failure = failure;
            Volatile.Write(ref _failedStep, step);
        }
    }

    /// <summary>What is still to be done mostly takes less than being put to sleep and woken.</summary>
    private void WaitForHelpers()
    {
        SpinWait spin = default;
        while (Volatile.Read(ref _done) < _steps && spin.Count < Spins)
            spin.SpinOnce(sleep1Threshold: -1);
        lock (_gate)
        {
            while (Volatile.Read(ref _done) < _steps)
                Monitor.Wait(_gate);
        }
    }
}
