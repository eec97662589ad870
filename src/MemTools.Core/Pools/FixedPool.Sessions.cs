using System.Runtime.CompilerServices;
using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>Sessions: a thread takes the list of free blocks into its own hands.</summary>
public sealed unsafe partial class FixedPool
{
    private BiasedLock.Claim? _session;

    /// <summary>Whether sessions get blocks in hand: where each is zeroed or watched, every step is the pool's.</summary>
    private bool HandsOut => MostInHand > 0;

    /// <summary>Whether the calling thread has a session of this pool, which is not concurrent.</summary>
    private bool IsSessionHere => Has(PoolMode.Session) && _session?.Owner == Thread.CurrentThread;

    /// <summary>Begins a session of the calling thread. Dispose it, or nobody else gets a block.</summary>
    /// <exception cref="MemToolsException">Misuse: this thread has one already.</exception>
    /// <exception cref="ObjectDisposedException">The pool has been removed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FixedPoolSession OpenSession() => new(this, BeginSession());

    /// <summary>Apart, so that the session itself is made where it is used: what a method gives back whole lies in memory.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private SessionHand BeginSession()
    {
        if (IsDisposed)
            throw Gone();
        if (_depot is not null)
        {
            if (!HandsOut)
                return default;
            return _depot.TryBeginSession(out SessionHand hand)
                ? hand
                : throw new MemToolsException(ErrorKind.Misuse, $"This thread has a session of the pool '{Name}' open. Dispose the session first.");
        }

        BiasedLock.Claim claim = _lock.Enter();
        if (IsDisposed)
        {
            BiasedLock.Exit(claim);
            throw Gone();
        }

        _session = claim;
        Mode |= PoolMode.Session;
        return TakeHand();
    }

    internal void CloseSession(SessionHand hand)
    {
        GiveBack(hand);
        if (_session is not { } claim)
            return;
        _session = null;
        Mode &= ~PoolMode.Session;
        BiasedLock.Exit(claim);
    }

    /// <summary>
    /// A step of a session that is not a few instructions. A failure is returned, so that the session gets what it has in
    /// hand in any case.
    /// </summary>
    internal Exception? RentInSession(ref SessionHand hand, out PoolBlock block)
    {
        block = default;
        if (hand.HasEnded)
            return Ended();
        try
        {
            if (HandsOut)
            {
                if (hand.Head == 0)
                    Fill(ref hand);
                block = Stamp(hand.Head);
                _ = TakeFrom(ref hand);
            }
            else
            {
                block = RentByMode();
            }

            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    /// <inheritdoc cref="RentInSession"/>
    internal Exception? RentRawInSession(ref SessionHand hand, out nint block)
    {
        block = 0;
        if (hand.HasEnded)
            return Ended();
        try
        {
            if (HandsOut)
            {
                Fill(ref hand);
                block = TakeFrom(ref hand);
            }
            else
            {
                block = _guard is not null ? (nint)_guard.Rent().Address : _depot is not null ? Zeroed(_depot.Rent()) : Take();
            }

            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    /// <inheritdoc cref="RentInSession"/>
    internal Exception? ReturnInSession(ref SessionHand hand, PoolBlock block)
    {
        if (hand.HasEnded)
            return Ended();
        try
        {
            if (HandsOut && block.Table?.Fixed == this)
            {
                End(block);
                PutInto(ref hand, block.Table.AddressAt(block.Place));
            }
            else
            {
                ReturnByMode(block);
            }

            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    /// <inheritdoc cref="RentInSession"/>
    internal Exception? ReturnRawInSession(ref SessionHand hand, nint block)
    {
        if (hand.HasEnded)
            return Ended();
        try
        {
            if (HandsOut)
                PutInto(ref hand, block);
            else if (_guard is not null)
                _guard.Return(block);
            else
                PutByMode(block);
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    /// <summary>Gets blocks for a session that has none left.</summary>
    private void Fill(ref SessionHand hand)
    {
        if (_depot is not null)
        {
            _depot.Fill(ref hand);
            return;
        }

        Count(hand);
        // Blocks that were disposed by themselves meanwhile went onto the pool's own list.
        hand = new(Head, 0, 0);
        Head = 0;
        if (hand.Head != 0)
            return;
        if (_fresh == _freshEnd)
            Grow();
        _ = TryCarve(out nint block);
        hand = new(block, 0, 0);
    }

    private static nint TakeFrom(ref SessionHand hand)
    {
        nint block = hand.Head;
        hand = new(*(nint*)block, hand.Free - 1, hand.Rents + 1);
        return block;
    }

    private void PutInto(ref SessionHand hand, nint block)
    {
        if (hand.Free >= MostInHand)
            _depot!.Drain(ref hand);
        *(nint*)block = hand.Head;
        hand = hand with { Head = block, Free = hand.Free + 1 };
    }

    private void Count(SessionHand hand)
    {
        Rents += hand.Rents;
        Returns += hand.Rents + hand.Free;
    }

    private void GiveBack(SessionHand hand)
    {
        if (_depot is not null)
        {
            if (HandsOut)
                _depot.EndSession(hand);
            return;
        }

        Count(hand);
        // Blocks that were disposed by themselves meanwhile went onto the pool's own list.
        nint own = Head;
        Head = hand.Head != 0 ? hand.Head : own;
        if (hand.Head != 0 && own != 0)
            Append(own);
    }

    private SessionHand TakeHand()
    {
        if (!HandsOut)
            return default;
        SessionHand hand = new(Head, 0, 0);
        Head = 0;
        return hand;
    }

    /// <summary>Puts the list at the head behind another one.</summary>
    private void Append(nint own)
    {
        nint last = own;
        while (*(nint*)last != 0)
            last = *(nint*)last;
        *(nint*)last = Head;
        Head = own;
    }

    private ObjectDisposedException Ended() => new(Name, $"The session of the pool '{Name}' has ended. OpenSession() begins another one.");
}
