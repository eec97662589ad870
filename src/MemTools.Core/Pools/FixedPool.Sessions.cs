using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>Sessions: a thread takes the list of free blocks into its own hands.</summary>
public sealed unsafe partial class FixedPool
{
    private BiasedLock.Claim? _session;

    /// <summary>Whether sessions get blocks in hand: where each is zeroed or watched, every step is the pool's.</summary>
    private bool HandsOut => MostInHand != long.MinValue;

    /// <summary>Whether the calling thread has a session of this pool, which is not concurrent.</summary>
    private bool IsSessionHere => Has(PoolMode.Session) && _session?.Owner == Thread.CurrentThread;

    /// <summary>Begins a session of the calling thread. Dispose it, or nobody else gets a block.</summary>
    /// <exception cref="MemToolsException">Misuse: this thread has one already.</exception>
    /// <exception cref="ObjectDisposedException">The pool has been removed.</exception>
    public FixedPoolSession OpenSession()
    {
        if (IsDisposed)
            throw Gone();
        if (_depot is not null)
        {
            if (!HandsOut)
                return new(this, default);
            return _depot.TryBeginSession(out SessionHand hand)
                ? new(this, hand)
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
        return new(this, TakeHand());
    }

    internal void CloseSession(SessionHand hand)
    {
        _ = TryGiveHand(hand);
        if (_session is not { } claim)
            return;
        _session = null;
        Mode &= ~PoolMode.Session;
        BiasedLock.Exit(claim);
    }

    /// <summary>
    /// A step of a session that is not a few instructions: what it has in hand goes back to the pool, the pool does the
    /// step in its usual way, and the session gets the list again. A failure is returned, so that it gets it in any case.
    /// </summary>
    internal Exception? RentInSession(ref SessionHand hand, out PoolBlock block)
    {
        Exception? failure = null;
        block = default;
        if (!TryGiveHand(hand))
            return Ended();
        try
        {
            block = RentByMode();
        }
        catch (Exception e)
        {
            failure = e;
        }

        hand = TakeHand();
        return failure;
    }

    /// <inheritdoc cref="RentInSession"/>
    internal Exception? RentRawInSession(ref SessionHand hand, out nint block)
    {
        Exception? failure = null;
        block = 0;
        if (!TryGiveHand(hand))
            return Ended();
        try
        {
            block = _guard is not null ? (nint)_guard.Rent().Address : _depot is not null ? Zeroed(_depot.Rent()) : Take();
        }
        catch (Exception e)
        {
            failure = e;
        }

        hand = TakeHand();
        return failure;
    }

    /// <inheritdoc cref="RentInSession"/>
    internal Exception? ReturnInSession(ref SessionHand hand, PoolBlock block)
    {
        Exception? failure = null;
        if (!TryGiveHand(hand))
            return Ended();
        try
        {
            ReturnByMode(block);
        }
        catch (Exception e)
        {
            failure = e;
        }

        hand = TakeHand();
        return failure;
    }

    /// <inheritdoc cref="RentInSession"/>
    internal Exception? ReturnRawInSession(ref SessionHand hand, nint block)
    {
        Exception? failure = null;
        if (!TryGiveHand(hand))
            return Ended();
        try
        {
            if (_guard is not null)
                _guard.Return(block);
            else
                PutByMode(block);
        }
        catch (Exception e)
        {
            failure = e;
        }

        hand = TakeHand();
        return failure;
    }

    private bool TryGiveHand(SessionHand hand)
    {
        if (hand.Free == FixedPoolSession.Ended)
            return false;
        if (_depot is not null)
        {
            if (HandsOut)
                _depot.EndSession(hand);
            return true;
        }

        Rents += hand.Rents;
        Returns += hand.Rents + hand.Free;
        // Blocks that were disposed by themselves meanwhile went onto the pool's own list.
        nint own = Head;
        Head = hand.Head != 0 ? hand.Head : own;
        if (hand.Head != 0 && own != 0)
            Append(own);
        return true;
    }

    private SessionHand TakeHand()
    {
        if (!HandsOut)
            return default;
        if (_depot is not null)
        {
            _ = _depot.TryBeginSession(out SessionHand cached);
            return cached;
        }

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
