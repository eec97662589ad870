using System.Runtime.CompilerServices;
using MemTools.Kernel;

namespace MemTools.Rings;

/// <content>
/// <para>
/// How one side sleeps until the other has done something. The sleeper says that it waits (a word of the header set to 1),
/// looks at the other's index once more, and sleeps by futex(2) while the word is 1. The other stores its index, then looks
/// at the word. Each stores one thing and then loads another, and processors, x64 too, may load first: without a barrier on
/// both sides each could miss what the other stored, and the sleeper would never be woken.
/// </para>
/// <para>
/// A barrier after each write would cost as much as writing a small record. So the sleeper, which has time, pays for
/// both: between its store and its look it has the kernel run a barrier on every processor that runs this process, and
/// where the ring is shared on those that run the others (membarrier(2)). Either the other's index was stored before that
/// barrier, and the sleeper sees it, or the other's look at the word comes after, and sees the 1.
/// </para>
/// <para>
/// Nobody sleeps for longer than a turn. That is what lets a cancellation through and shows a peer that died; and where the
/// kernel has no barrier for other processes, or one of them did not register, it bounds what a missed wake costs.
/// </para>
/// </content>
public sealed unsafe partial class ByteRing
{
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan TurnWithoutBarrier = TimeSpan.FromMilliseconds(10);

    /// <summary>How often to look before sleeping: for some microseconds, about as long as it takes to be woken.</summary>
    private static readonly int Spins = Environment.ProcessorCount > 1 ? 100 : 0;

    private TimeSpan LongestSleep => IsShared && !SharedBarrier.IsThere ? TurnWithoutBarrier : Turn;

    /// <summary>Waits until the writer's index has come so far, or the ring is completed. False when the time ran out.</summary>
    private bool SleepUntilWritten(ulong needed, RingDeadline deadline)
    {
        Volatile.Write(ref _header->ReadStalls, _header->ReadStalls + 1);
        for (int i = 0; i < Spins; i++)
        {
            if (IsWritten(needed))
                return true;
            Thread.SpinWait(1);
        }

        try
        {
            while (true)
            {
                Volatile.Write(ref _header->ConsumerNeeds, needed);
                Volatile.Write(ref _header->ConsumerWaits, 1);
                BarrierForAll();
                if (IsWritten(needed))
                    return true;
                // The writer may sleep until much of the ring is free. Now nobody will free more.
                if (Volatile.Read(ref _header->ProducerWaits) != 0)
                    RingFutex.Wake(&_header->ProducerWaits);
                bool inTime = SleepTurn(&_header->ConsumerWaits, deadline);
                if (IsWritten(needed))
                    return true;
                // Looked at once more where it died: it may have written just before.
                if (_peers?.ProducerGone() is { } failure && !IsWritten(needed))
                    throw failure;
                if (!inTime)
                    return false;
            }
        }
        finally
        {
            Volatile.Write(ref _header->ConsumerWaits, 0);
        }
    }

    /// <summary>
    /// Waits until the reader's index has come so far, or the ring is completed. Where anything is welcome also until there
    /// is any room and the reader sleeps itself, so that it will make no more. False when the time ran out.
    /// </summary>
    private bool SleepUntilRead(ulong needed, bool anything, RingDeadline deadline)
    {
        Volatile.Write(ref _header->WriteStalls, _header->WriteStalls + 1);
        for (int i = 0; i < Spins; i++)
        {
            if (IsRead(needed))
                return true;
            Thread.SpinWait(1);
        }

        try
        {
            while (true)
            {
                Volatile.Write(ref _header->ProducerNeeds, needed);
                Volatile.Write(ref _header->ProducerWaits, 1);
                BarrierForAll();
                if (IsRead(needed))
                    return true;
                if (anything && Volatile.Read(ref _header->ConsumerWaits) != 0 && IsNotFull())
                    return true;
                bool inTime = SleepTurn(&_header->ProducerWaits, deadline);
                // Woken early by a reader that is about to sleep, or after a turn: what room there is helps.
                if (IsRead(needed) || (anything && IsNotFull()))
                    return true;
                // Looked at once more where it died, as above.
                if (_peers?.ConsumerGone() is { } failure && !IsRead(needed))
                    throw failure;
                if (!inTime)
                    return false;
            }
        }
        finally
        {
            Volatile.Write(ref _header->ProducerWaits, 0);
        }
    }

    private bool IsWritten(ulong needed) =>
        // Acquire, the end first: all that was published before the end is seen with it.
        Volatile.Read(ref _header->Completed) != 0 || (long)(Volatile.Read(ref _header->ProducerIndex) - needed) >= 0;

    private bool IsRead(ulong needed) =>
        Volatile.Read(ref _header->Completed) != 0 || (long)(Volatile.Read(ref _header->ConsumerIndex) - needed) >= 0;

    /// <summary>Sleeps for a turn at most. False when the time ran out; an exception when there is no more sense in waiting.</summary>
    private bool SleepTurn(uint* word, RingDeadline deadline)
    {
        RequireSense(deadline.Stop);
        TimeSpan time = deadline.Next(LongestSleep);
        if (time <= TimeSpan.Zero)
            return false;
        RingFutex.Sleep(word, time);
        RequireSense(deadline.Stop);
        return true;
    }

    /// <summary>Does not leave the side: what is thrown here passes blocks that still touch the memory.</summary>
    private void RequireSense(CancellationToken stop)
    {
        if (IsClosed)
            throw Disposed();
        stop.ThrowIfCancellationRequested();
    }

    /// <summary>A damaged index counts as room: the write that follows finds it out.</summary>
    private bool IsNotFull() => _header->ProducerIndex - Volatile.Read(ref _header->ConsumerIndex) != _capacity;

    private void BarrierForAll()
    {
        Interlocked.MemoryBarrierProcessWide();
        if (IsShared)
            SharedBarrier.Run();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WakeReader(ulong index)
    {
        // Acquire, after the word that says it is there.
        if ((long)(index - Volatile.Read(ref _header->ConsumerNeeds)) >= 0)
            RingFutex.Wake(&_header->ConsumerWaits);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WakeWriter(ulong index)
    {
        if ((long)(index - Volatile.Read(ref _header->ProducerNeeds)) >= 0)
            RingFutex.Wake(&_header->ProducerWaits);
    }

    /// <summary>So that both look at what has changed besides the indices.</summary>
    private void WakeBoth()
    {
        RingFutex.Wake(&_header->ConsumerWaits);
        RingFutex.Wake(&_header->ProducerWaits);
    }
}
