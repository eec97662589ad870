using MemTools.Kernel;

namespace MemTools.Rings;

/// <summary>A ring: a queue of fixed capacity that lives in memory until it is disposed.</summary>
/// <remarks>Not enumerable, so that a pipeline never unrolls it.</remarks>
public abstract class RingBuffer : ILiveObject
{
    private static readonly LiveObjects<RingBuffer> Live = new("ring buffer");

    private protected RingBuffer(string name) => Name = name;

    /// <summary>What commands know it by.</summary>
    public string Name { get; }

    /// <summary>Byte or Object.</summary>
    public abstract string Kind { get; }

    /// <summary>In bytes for a byte ring, in objects for an object ring. It cannot change.</summary>
    /// <exception cref="MemToolsException">Setting it always fails, and says how to move to another ring.</exception>
    public long Capacity
    {
        get => CapacityOfRing;
        set => throw new MemToolsException(
            ErrorKind.NotSupported,
            $"The capacity of '{Name}' was fixed at {CapacityOfRing} when it was made. Make a larger ring, have writers write to that, Complete() this one, read it to its end, and dispose it.");
    }

    /// <summary>How much of the capacity is taken.</summary>
    public abstract long Used { get; }

    /// <summary>How much of the capacity is not.</summary>
    public long Free => Capacity - Used;

    /// <summary>Whether there is nothing to read.</summary>
    public bool IsEmpty => Used == 0;

    /// <summary>Whether nothing more fits.</summary>
    public bool IsFull => Free == 0;

    /// <summary>Whether its end was declared: nothing more is written, and readers stop when it is empty.</summary>
    public abstract bool IsCompleted { get; }

    /// <summary>Whether other processes can hold it too.</summary>
    public abstract bool IsShared { get; }

    /// <summary>The name by which other processes connect to it; null for one of this process alone.</summary>
    public virtual string? SharedName => null;

    /// <summary>The process that made it, which may have ended since; null for one of this process alone.</summary>
    public virtual int? OwnerProcessId => null;

    /// <summary>Wait, Error or DropOldest (<see cref="RingFullAction"/>).</summary>
    public abstract string WhenFull { get; }

    /// <summary>Bytes or objects written since it was made.</summary>
    public abstract long TotalWritten { get; }

    /// <summary>Bytes or objects taken out since it was made, those that Clear threw away included.</summary>
    public abstract long TotalRead { get; }

    /// <summary>Bytes or objects that were overwritten before anybody read them.</summary>
    public abstract long Dropped { get; }

    /// <summary>How often a writer had to wait for room.</summary>
    public abstract long WriteStalls { get; }

    /// <summary>How often a reader had to wait for something to read.</summary>
    public abstract long ReadStalls { get; }

    /// <summary>Whether it has been disposed.</summary>
    public abstract bool IsClosed { get; }

    private protected abstract long CapacityOfRing { get; }

    /// <summary>Those that live, also those that nobody refers to any more.</summary>
    public static IReadOnlyList<RingBuffer> GetAll() => Live.All();

    /// <summary>Declares the end: further writes fail, and readers stop when they have read what is there.</summary>
    public abstract void Complete();

    /// <summary>Throws away what is there to read.</summary>
    public abstract void Clear();

    /// <summary>Frees its memory, at once, or when the calls end that other threads have under way; these fail.</summary>
    public void Dispose()
    {
        Live.Remove(this);
        Close();
        GC.SuppressFinalize(this);
    }

    /// <summary>For people.</summary>
    public override string ToString() => Name;

    /// <summary>Makes a ring under a name that no other ring of the process has, and lists it.</summary>
    private protected static T Add<T>(string wish, Func<string, T> make)
        where T : RingBuffer => (T)Live.Add(wish, make);

    /// <summary>Called by Dispose, perhaps more than once.</summary>
    private protected abstract void Close();

    private protected ObjectDisposedException Disposed() => new(Name, $"The ring '{Name}' has been removed.");
}
