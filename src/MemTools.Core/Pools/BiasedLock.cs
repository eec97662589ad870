using System.Runtime.CompilerServices;
using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>
/// A lock that costs the thread which had it last two stores and no atomic operation. Any other thread takes it over
/// by a barrier on all processors (membarrier(2)), which costs microseconds. Not to be entered twice.
/// </summary>
internal sealed class BiasedLock
{
    private readonly object _takeOver = new();
    private Claim _claim = new(null);

    /// <summary>Waits until nobody else has the lock.</summary>
    /// <returns>What to give back to <see cref="Exit"/>.</returns>
    /// <exception cref="MemToolsException">This thread has it already.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Claim Enter()
    {
        Claim claim = _claim;
        if (claim.Owner == Thread.CurrentThread && claim.Busy == 0)
        {
            Volatile.Write(ref claim.Busy, 1);
            // The processor may ask this before the others see the store above: whoever takes over makes it settle first.
            if (Volatile.Read(ref _claim) == claim)
                return claim;
            claim.Busy = 0;
        }

        return TakeOver();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Exit(Claim claim) => Volatile.Write(ref claim.Busy, 0);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Claim TakeOver()
    {
        if (_claim.Owner == Thread.CurrentThread && _claim.Busy != 0)
            throw new MemToolsException(ErrorKind.Misuse, "This thread has a session of the pool open. Dispose the session first.");
        lock (_takeOver)
        {
            Claim mine = new(Thread.CurrentThread) { Busy = 1 };
            Claim other = _claim;
            Volatile.Write(ref _claim, mine);
            // From here on the other one either sees the new claim, or has made its being busy visible.
            Interlocked.MemoryBarrierProcessWide();
            SpinWait wait = default;
            // A thread that ended in the middle of a session will not come back.
            while (Volatile.Read(ref other.Busy) != 0 && other.Owner!.IsAlive)
                wait.SpinOnce();
            return mine;
        }
    }

    /// <summary>One thread's right to the lock. Only that thread writes to it.</summary>
    internal sealed class Claim(Thread? owner)
    {
        internal readonly Thread? Owner = owner;
        internal int Busy;
    }
}
