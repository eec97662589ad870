using System.Runtime.CompilerServices;

namespace MemTools.Rings;

/// <summary>
/// A side of a queue (writing, or reading) that any number of threads may use. As long as one uses it alone, that one learns
/// so, and needs no atomic operation to claim a place; from the second thread on it is shared for good.
/// </summary>
/// <remarks>
/// Entering is Dekker's agreement, as in <see cref="SoleSide"/>: the thread that is alone says by a plain store that it is
/// inside, then looks whether its claim still stands. The second thread takes the claim away, has a barrier run on every
/// processor of this process (membarrier(2)), and waits until the first is out: for the few instructions of one item or
/// batch, once in the life of the queue. Only then the side is told to be shared, so that nobody claims places atomically
/// while one still does without. A thread that takes the place of one that has ended is alone again.
/// </remarks>
internal sealed class LoneSide
{
    /// <summary>Between two states: nobody's, so that all who come wait at the gate.</summary>
    private static readonly SideClaim Changing = new(thread: null);

    private readonly object _gate = new();

    /// <summary>Of the thread that is alone; null where several use the side.</summary>
    private SideClaim? _claim = new(thread: null);

    /// <summary>Begins a call.</summary>
    /// <returns>What to leave with (<see cref="SoleSide.Leave"/>) where the thread is alone; null where it is not, and need not leave.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal SideClaim? Enter()
    {
        // Acquire: who finds the side shared sees all that was done in it before.
        SideClaim? claim = Volatile.Read(ref _claim);
        if (claim is null)
            return null;
        if (claim.Stack.IsHere)
        {
            // These two keep their order in the program; what the processor makes of it the barrier of the other puts right.
            Volatile.Write(ref claim.Inside, true);
            if (Volatile.Read(ref _claim) == claim)
                return claim;
            // Out again before it comes to the gate: who took the claim away waits for that, and has the gate.
            Volatile.Write(ref claim.Inside, false);
        }

        return TakeOver();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private SideClaim? TakeOver()
    {
        lock (_gate)
        {
            if (_claim is not { } current)
                return null;
            if (current.IsMine)
            {
                // The stack moved.
                current.Stack.Set();
                current.Inside = true;
                return current;
            }

            SideClaim? next = current.Thread is { IsAlive: true } ? null : Mine();
            if (current.Thread is not null)
            {
                Volatile.Write(ref _claim, Changing);
                Interlocked.MemoryBarrierProcessWide();
                // Also where that thread has ended: another may have its stack.
                SpinWait patience = default;
                while (Volatile.Read(ref current.Inside))
                    patience.SpinOnce();
            }

            // Release, with the acquire of Enter.
            Volatile.Write(ref _claim, next);
            return next;
        }
    }

    private static SideClaim Mine()
    {
        SideClaim mine = new(Thread.CurrentThread) { Inside = true };
        mine.Stack.Set();
        return mine;
    }
}
