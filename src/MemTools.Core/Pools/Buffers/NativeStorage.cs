using System.Runtime.InteropServices;
using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>
/// Memory that buffers, their slices and composites share: it is given back when the last of them lets go.
/// </summary>
/// <remarks>
/// A span says nothing when it is not used any more, and one that outlives its memory would end the process. So where a
/// span has ever been handed out, the contents are given back at once as always, but the addresses are kept from any other
/// use until nobody can reach this object: whoever still has a span then reads zeros or stale bytes, of this memory alone.
/// </remarks>
internal abstract class NativeStorage : SafeHandle
{
    private readonly SafeHandle _memory;
    private volatile bool _spanTaken;
    private int _holders;

    /// <param name="address">Of the first byte.</param>
    /// <param name="memory">What frees the memory when it is disposed or collected.</param>
    private protected NativeStorage(nint address, SafeHandle memory)
        : base(-1, ownsHandle: true)
    {
        SetHandle(address);
        _memory = memory;
    }

    public override bool IsInvalid => handle == -1;

    internal nint Address => handle;

    /// <summary>Allocated, Mapped or Array.</summary>
    internal abstract string Kind { get; }

    /// <summary>Bytes of memory that were taken for it.</summary>
    internal abstract long TakenBytes { get; }

    /// <summary>What its address is certain to be a multiple of, for as long as it is held.</summary>
    internal abstract long Alignment { get; }

    /// <summary>How many buffers and composites share it.</summary>
    internal int Holders => Volatile.Read(ref _holders);

    /// <summary>One more holds it. The first hold takes the place of the one that every SafeHandle is born with.</summary>
    /// <exception cref="ObjectDisposedException">It has been given back.</exception>
    internal void Hold()
    {
        bool held = false;
        DangerousAddRef(ref held);
        if (Interlocked.Increment(ref _holders) == 1)
            Dispose();
    }

    /// <summary>Ends what <see cref="Hold"/> began.</summary>
    internal void LetGo()
    {
        Interlocked.Decrement(ref _holders);
        DangerousRelease();
    }

    /// <summary>Bytes of it, in a span that may outlive it.</summary>
    /// <exception cref="ObjectDisposedException">It has been given back.</exception>
    internal virtual unsafe Span<byte> SpanOf(long offset, int length)
    {
        NoteSpan();
        return new((byte*)Address + offset, length);
    }

    /// <summary>Gives back the contents and keeps the addresses.</summary>
    private protected abstract void Discard();

    protected override bool ReleaseHandle()
    {
        if (_spanTaken)
            Discard();
        else
            _memory.Dispose();
        return true;
    }

    private void NoteSpan()
    {
        if (!_spanTaken)
        {
            _spanTaken = true;
            // Either the release of another thread sees the note, or this sees the release.
            Interlocked.MemoryBarrier();
        }

        ObjectDisposedException.ThrowIf(IsClosed, this);
    }
}

/// <summary>A part of some memory.</summary>
/// <param name="Storage">The memory.</param>
/// <param name="Start">First byte.</param>
/// <param name="Length">How many bytes.</param>
internal readonly record struct StoragePlace(NativeStorage Storage, long Start, long Length);
