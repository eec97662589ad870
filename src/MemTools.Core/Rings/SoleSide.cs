using System.Runtime.CompilerServices;
using MemTools.Kernel;

namespace MemTools.Rings;

/// <summary>
/// A side of a queue (writing, or reading) that one thread at a time may use, whichever it is. Finds out where two do.
/// </summary>
/// <remarks>
/// Entering costs no atomic operation. The thread that used the side last says by a plain store that it is inside, then
/// looks whether its claim still stands. Whoever takes the side over puts a claim of its own in place, then has a full
/// barrier run on every processor that runs a thread of this process (membarrier(2)), then looks whether the other is
/// inside. One of the two sees the other: if the first thread's store had not reached memory at the barrier, its look at
/// the claim came after it, and finds the new one. That is Dekker's agreement, its price paid by the side that comes rarely.
/// </remarks>
internal sealed class SoleSide
{
    private readonly object _gate = new();
    private readonly string _doing;
    private readonly string _name;
    private SideClaim _claim = new(thread: null);

    /// <param name="doing">What the side does, for the message: "writes to".</param>
    /// <param name="name">The queue.</param>
    internal SoleSide(string doing, string name)
    {
        _doing = doing;
        _name = name;
    }

    /// <summary>Begins a call. Leave with the claim that this returns.</summary>
    /// <exception cref="MemToolsException">OverlappingUse: another thread is inside.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal SideClaim Enter()
    {
        SideClaim claim = _claim;
        bool entered = claim.Stack.IsHere;
        if (entered)
        {
            // These two keep their order in the program; what the processor makes of it the barrier of the other puts right.
            Volatile.Write(ref claim.Inside, true);
            if (Volatile.Read(ref _claim) == claim)
                return claim;
        }

        return TakeOver(claim, entered);
    }

    /// <summary>Ends a call. Release: whoever takes the side over sees all that was done in it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Leave(SideClaim claim) => Volatile.Write(ref claim.Inside, false);

    /// <param name="seen">The claim that the thread found.</param>
    /// <param name="entered">Whether it said through that claim that it is inside.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private SideClaim TakeOver(SideClaim seen, bool entered)
    {
        lock (_gate)
        {
            SideClaim current = _claim;
            // Another thread tried to take over at this moment, found this one inside, and gave up.
            if (entered && current == seen)
                return current;
            if (current.IsMine)
            {
                // The stack moved.
                current.Stack.Set();
                current.Inside = true;
                return current;
            }

            SideClaim mine = new(Thread.CurrentThread) { Inside = true };
            mine.Stack.Set();
            Volatile.Write(ref _claim, mine);
            Interlocked.MemoryBarrierProcessWide();
            if (!Volatile.Read(ref current.Inside))
                return mine;
            Volatile.Write(ref _claim, current);
        }

        throw new MemToolsException(
            ErrorKind.OverlappingUse,
            $"Another thread {_doing} '{_name}' at this moment, and only one at a time may. Take turns by a lock, or use a queue for several: New-RingBuffer -Kind Object -Concurrency MultiProducer.");
    }
}
