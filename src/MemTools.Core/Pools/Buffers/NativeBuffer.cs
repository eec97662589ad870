using System.Buffers;
using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>
/// Memory outside the garbage collector's heap, or an array of its user's, that slices and composites share without
/// copying. It is given back when the last of them is disposed. One that nobody disposes is found by the garbage
/// collector, given back, and remembered as a leak (<see cref="LeakTracking"/>).
/// </summary>
/// <remarks>
/// A span over it keeps nothing in place. One that is still used after disposal reads zeros or old bytes, and what it
/// writes is lost: its addresses are kept from any other use while somebody refers to the buffer, or to Memory of it.
/// </remarks>
public sealed partial class NativeBuffer : MemoryManager<byte>, ILiveBuffer
{
    /// <summary>What is shorter comes from the allocator: pages of its own would be a waste.</summary>
    internal const long SmallestMapping = 64 * 1024;

    private readonly StorageHold _hold;
    private readonly long _start;
    private readonly string _root;

    private NativeBuffer(string name, NativeStorage storage, long start, long length, NativeBufferOptions options)
    {
        MadeAt = options.MadeAt ?? LeakTracking.Here();
        _hold = new(storage, new() { Kind = LiveBuffers.Noun, Name = name, Length = length, MadeAt = MadeAt });
        _start = start;
        _root = options.Name ?? name;
        Name = name;
        Length = length;
        Address = (ulong)(storage.Address + (nint)start);
        Alignment = options.Alignment;
        Locked = options.Locked;
        HugePage = options.HugePage;
        Parent = options.Parent;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Allocated (by the C library's allocator), Mapped (pages of its own) or Array (its user's).</summary>
    public string Kind => Storage.Kind;

    /// <inheritdoc/>
    public long Length { get; }

    /// <summary>Where its first byte lies in this process's memory.</summary>
    public ulong Address { get; }

    /// <summary>What its address is certain to be a multiple of.</summary>
    public long Alignment { get; }

    /// <summary>Whether it is kept out of swap.</summary>
    public bool Locked { get; }

    /// <summary>Whether it is made of huge pages from the system's reserve.</summary>
    public bool HugePage { get; }

    /// <summary>The name of the buffer that it is a slice of; null where it is none.</summary>
    public string? Parent { get; }

    /// <summary>How many buffers, slices and composites share its memory; 0 when all of them are disposed.</summary>
    public int SharedBy => Storage.Holders;

    /// <summary>Bytes of memory that were taken for all that share it: whole pages, or none for an array of its user's.</summary>
    public long TakenBytes => Storage.TakenBytes;

    /// <inheritdoc/>
    public long? ResidentBytes
    {
        get
        {
            bool held = false;
            try
            {
                Storage.DangerousAddRef(ref held);
                return IsDisposed ? null : OwnResidence.Bytes(Storage.Address + (nint)_start, Length);
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
            finally
            {
                if (held)
                    Storage.DangerousRelease();
            }
        }
    }

    /// <inheritdoc/>
    public string? MadeAt { get; }

    /// <inheritdoc/>
    public bool IsDisposed => _hold.IsReleased;

    private NativeStorage Storage => _hold.Storage;

    /// <summary>Takes memory.</summary>
    /// <param name="length">In bytes, 0 or more.</param>
    /// <param name="options">What it is to be like.</param>
    /// <exception cref="MemToolsException">
    /// Misuse of an alignment or length; OutOfMemory; LockLimit past RLIMIT_MEMLOCK; NotSupported.
    /// </exception>
    public static NativeBuffer Create(long length, NativeBufferOptions? options = null)
    {
        NativeBufferOptions chosen = options ?? new();
        NativeBufferLimits.Check(length, chosen);
        bool ownPages = chosen.Locked || chosen.HugePage || length >= SmallestMapping || chosen.Alignment > Environment.SystemPageSize;
        NativeStorage storage = ownPages ? MappedStorage.Make(length, chosen) : AllocatedStorage.Make(length, chosen);
        return Add(storage, length, chosen with { Alignment = storage.Alignment });
    }

    /// <summary>Makes a buffer of an array, which is not copied, and pinned until the buffer and its slices are disposed.</summary>
    /// <param name="array">The array.</param>
    /// <param name="options">Of these the name alone has a use here.</param>
    public static NativeBuffer Wrap(byte[] array, NativeBufferOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(array);
        ArrayStorage storage = ArrayStorage.Pin(array);
        return Add(storage, array.Length, new() { Name = options?.Name, MadeAt = options?.MadeAt, Alignment = storage.Alignment });
    }

    /// <summary>Those that have not been disposed, composites included, also those that nobody refers to any more.</summary>
    public static IReadOnlyList<INativeBuffer> GetAll() => LiveBuffers.All();

    /// <summary>A part of it, which shares the memory and keeps it alive also when this is disposed. Dispose it too.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">How many bytes.</param>
    /// <exception cref="MemToolsException">They do not lie within this buffer.</exception>
    public NativeBuffer Slice(long offset, long length)
    {
        CheckRange(offset, length);
        long start = _start + offset;
        NativeBufferOptions same = new()
        {
            Name = _root,
            Parent = Name,
            Alignment = offset == 0 ? Alignment : Math.Min(Alignment, offset & -offset),
            Locked = Locked,
            HugePage = HugePage,
        };
        try
        {
            return LiveBuffers.Add($"{_root}/slice", name => new NativeBuffer(name, Storage, start, length, same));
        }
        catch (ObjectDisposedException)
        {
            throw Gone();
        }
    }

    /// <summary>The rest of it from a place on.</summary>
    /// <param name="offset">First byte.</param>
    public NativeBuffer Slice(long offset)
    {
        CheckRange(offset, 0);
        return Slice(offset, Length - offset);
    }

    /// <summary>Several buffers as one sequence of bytes without copying. Dispose it too.</summary>
    /// <param name="parts">In their order.</param>
    public static CompositeBuffer Concat(params NativeBuffer[] parts) => CompositeBuffer.Of(parts);

    /// <summary>This and others as one sequence of bytes without copying. Dispose it too.</summary>
    /// <param name="next">What follows this.</param>
    /// <param name="more">What follows that.</param>
    public CompositeBuffer Concat(NativeBuffer next, params NativeBuffer[] more) => CompositeBuffer.Of([this, next, .. more]);

    /// <summary>For people.</summary>
    public override string ToString() => Name;

    /// <summary>Gives the memory back, or lets go of it where others share it. Doing so again does nothing.</summary>
    public void Dispose() => Dispose(disposing: true);

    /// <summary>A part of its memory, for as long as the caller holds that.</summary>
    internal StoragePlace Place(long offset, long length) => new(Storage, _start + offset, length);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        LiveBuffers.Remove(this);
        _hold.Dispose();
    }

    internal void CheckRange(long offset, long count)
    {
        ThrowIfClosed();
        if (offset < 0 || count < 0 || offset > Length || count > Length - offset)
            throw new MemToolsException(ErrorKind.Misuse, $"Bytes {offset} to {offset + (Int128)count} do not lie within '{Name}', which has {Length}.");
    }

    private static NativeBuffer Add(NativeStorage storage, long length, NativeBufferOptions options) =>
        LiveBuffers.Add(options.Name ?? "buffer", name => new NativeBuffer(name, storage, 0, length, options));

    /// <summary>Keeps the memory in place until <see cref="Release"/>, and returns the address of its first byte.</summary>
    private nint Acquire()
    {
        ThrowIfClosed();
        try
        {
            bool held = false;
            Storage.DangerousAddRef(ref held);
            return Storage.Address + (nint)_start;
        }
        catch (ObjectDisposedException)
        {
            throw Gone();
        }
    }

    private void Release() => Storage.DangerousRelease();

    private void ThrowIfClosed()
    {
        if (IsDisposed)
            throw Gone();
    }

    /// <summary>Also where another thread disposed it in the middle of something.</summary>
    private ObjectDisposedException Gone() => new(Name, $"The native buffer '{Name}' has been disposed.");
}
