using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>
/// One buffer's share of some memory. It is let go of once: by disposing, or by the finalizer here, which reports the leak.
/// </summary>
internal sealed class StorageHold : IDisposable
{
    private readonly LeakedObject _ifLeaked;
    private int _released;

    /// <exception cref="ObjectDisposedException">The memory has been given back.</exception>
    internal StorageHold(NativeStorage storage, LeakedObject ifLeaked)
    {
        storage.Hold();
        Storage = storage;
        _ifLeaked = ifLeaked;
    }

    ~StorageHold()
    {
        // Also runs where the constructor failed, and then there is nothing to let go of.
        if (Storage is not null && LetGo())
            LeakTracking.Report(_ifLeaked);
    }

    internal NativeStorage Storage { get; }

    internal bool IsReleased => Volatile.Read(ref _released) != 0;

    /// <summary>Lets go, the first time.</summary>
    public void Dispose()
    {
        _ = LetGo();
        GC.SuppressFinalize(this);
    }

    private bool LetGo()
    {
        if (Interlocked.Exchange(ref _released, 1) != 0)
            return false;
        Storage.LetGo();
        return true;
    }
}
