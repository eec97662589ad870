using System.Runtime.CompilerServices;
using MemTools.Kernel;

namespace MemTools.Rings;

/// <content>
/// <para>
/// Each call that writes or reads enters its side first and leaves it last. That tells two things: that no other thread is
/// inside (one writer, one reader), and, to whoever disposes the ring, when its memory may go.
/// </para>
/// <para>
/// Entering costs no atomic operation. The thread that used a side last holds a claim on it and says by a plain store that
/// it is inside, then looks whether the claim still stands. Whoever takes the side over, or closes it, puts another claim in
/// place first, then has the kernel run a full barrier on every processor that runs a thread of this process
/// (membarrier(2)), then looks whether the thread said that it is inside. Of the two, one at least sees the other: if the
/// thread's store had not reached memory at the barrier, then its look at the claim came after it, and saw the new one.
/// That is Dekker's agreement with the whole price paid by the side that comes rarely.
/// </para>
/// </content>
public sealed unsafe partial class ByteRing
{
    private readonly object _gate = new();
    private RingClaim _writer = new(thread: null);
    private RingClaim _reader = new(thread: null);
    private RingClaim _lastWriter = RingClaim.Closed;
    private RingClaim _lastReader = RingClaim.Closed;
    private bool _closed;

    /// <inheritdoc/>
    public override bool IsClosed => Volatile.Read(ref _closed);

    private protected override void Close()
    {
        RingClaim writer, reader;
        lock (_gate)
        {
            if (_closed)
                return;
            _last = Look();
            (writer, reader) = (_writer, _reader);
            // Release: who finds the claim closed finds this too.
            Volatile.Write(ref _writer, RingClaim.Closed);
            Volatile.Write(ref _reader, RingClaim.Closed);
            (_lastWriter, _lastReader) = (writer, reader);
            Volatile.Write(ref _closed, true);
            Interlocked.MemoryBarrierProcessWide();
            // Those that sleep find the ring closed, and leave. The memory stays while this holds the lock.
            WakeBoth();
            FreeWhenUnused();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private RingClaim EnterWriter()
    {
        RingClaim claim = _writer;
        bool entered = claim.Stack.IsHere;
        if (entered)
        {
            // These two keep their order in the program; what the processor makes of it the barrier of the other puts right.
            Volatile.Write(ref claim.State, RingClaim.Busy);
            if (Volatile.Read(ref _writer) == claim)
                return claim;
        }

        return TakeOver(ref _writer, claim, entered);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private RingClaim EnterReader()
    {
        RingClaim claim = _reader;
        bool entered = claim.Stack.IsHere;
        if (entered)
        {
            // As in EnterWriter.
            Volatile.Write(ref claim.State, RingClaim.Busy);
            if (Volatile.Read(ref _reader) == claim)
                return claim;
        }

        return TakeOver(ref _reader, claim, entered);
    }

    /// <summary>
    /// Enters to hand out a span, which is the thread's beyond the call. So the claim has to be this thread's own, where that
    /// of a dead thread whose stack it has would do for a call.
    /// </summary>
    private RingClaim EnterWriterForSpan()
    {
        RingClaim claim = EnterWriter();
        if (claim.IsMine)
            return claim;
        LeaveWriter(claim);
        return TakeOver(ref _writer, claim, entered: false);
    }

    /// <summary>As <see cref="EnterWriterForSpan"/>.</summary>
    private RingClaim EnterReaderForSpan()
    {
        RingClaim claim = EnterReader();
        if (claim.IsMine)
            return claim;
        LeaveReader(claim);
        return TakeOver(ref _reader, claim, entered: false);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void LeaveWriter(RingClaim claim, int state = RingClaim.Idle)
    {
        // Release: whoever takes the side over sees all that was done in it.
        Volatile.Write(ref claim.State, state);
        // In this order for the sake of whoever closes the ring. It also keeps this object alive to the end of the call.
        if (Volatile.Read(ref _writer) != claim)
            LeaveLate(claim);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void LeaveReader(RingClaim claim, int state = RingClaim.Idle)
    {
        // As in LeaveWriter.
        Volatile.Write(ref claim.State, state);
        if (Volatile.Read(ref _reader) != claim)
            LeaveLate(claim);
    }

    /// <param name="side">The side's claim.</param>
    /// <param name="seen">The claim that the thread found there.</param>
    /// <param name="entered">Whether it said through that claim that it is inside.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private RingClaim TakeOver(ref RingClaim side, RingClaim seen, bool entered)
    {
        lock (_gate)
        {
            RingClaim current = side;
            if (current == RingClaim.Closed)
            {
                // Closed just before this thread said that it is inside.
                if (entered)
                    Volatile.Write(ref seen.State, RingClaim.Idle);
                FreeWhenUnused();
                throw Disposed();
            }

            // Another thread tried to take over at this moment, found this one inside, and gave up.
            if (entered && current == seen)
                return current;
            if (current.IsMine)
            {
                // The stack moved.
                current.Stack.Set();
                current.State = RingClaim.Busy;
                return current;
            }

            RingClaim mine = new(Thread.CurrentThread) { State = RingClaim.Busy };
            mine.Stack.Set();
            Volatile.Write(ref side, mine);
            Interlocked.MemoryBarrierProcessWide();
            if (current.IsFree)
                return Settle(ref side, mine, current);
            Volatile.Write(ref side, current);
        }

        throw Overlap(Unsafe.AreSame(ref side, ref _writer));
    }

    /// <summary>This object has the side to itself; now it gets it from other processes too, where there are any.</summary>
    private RingClaim Settle(ref RingClaim side, RingClaim mine, RingClaim before)
    {
        bool writing = Unsafe.AreSame(ref side, ref _writer);
        try
        {
            if (writing)
                _peers?.EnterProducer();
            else
                _peers?.EnterConsumer();
        }
        catch
        {
            Volatile.Write(ref side, before);
            throw;
        }

        if (writing && _dropsOldest)
            RepairDropping();
        // What the other index was last is not known to a new claim: this says that there is neither room nor data.
        mine.Other = writing ? _header->ProducerIndex - _capacity : _header->ConsumerIndex;
        return mine;
    }

    /// <summary>The claim went away during the call: for a moment, because another thread tried its luck, or for good.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void LeaveLate(RingClaim claim)
    {
        if (!IsClosed)
            return;
        if (claim.State != RingClaim.SpanOut)
        {
            FreeWhenUnused();
            return;
        }

        // The call that leaves was about to hand out a span. Nobody gets it now.
        claim.Granted = 0;
        Volatile.Write(ref claim.State, RingClaim.Idle);
        FreeWhenUnused();
        throw Disposed();
    }

    /// <summary>Called by whoever closes the ring, and by each thread that was inside then, when it leaves.</summary>
    private void FreeWhenUnused()
    {
        // Full: a side's own "I am out" comes before its look at the other, so that of two that leave one sees both out.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _lastWriter.State) == RingClaim.Busy || Volatile.Read(ref _lastReader.State) == RingClaim.Busy)
            return;
        lock (_gate)
        {
            // Before the memory goes, and not before nobody is inside: others may write and read from here on.
            _peers?.Dispose();
            if (_lastWriter.Granted != 0 || _lastReader.Granted != 0)
                _memory.Abandon();
            else
                _memory.Dispose();
        }
    }

    private MemToolsException Overlap(bool writing)
    {
        string what = writing ? "writes to" : "reads from";
        return new(
            ErrorKind.OverlappingUse,
            $"Another thread {what} '{Name}' at this moment, or holds a span of it. A byte ring has one writer and one reader at a time: take turns by a lock, or give each thread a ring of its own.");
    }
}
