using System.Buffers;
using System.Runtime.CompilerServices;
using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>
/// Several buffers as one sequence of bytes, without copying. It shares their memory and keeps it alive
/// also when they are disposed. Offsets count from the first byte of the first part.
/// </summary>
/// <remarks>Safe from several threads, as the parts are. A span over a part is as short-lived as one over a buffer.</remarks>
public sealed partial class CompositeBuffer : ILiveBuffer
{
    private readonly CompositeParts _parts;
    private StrongBox<ReadOnlySequence<byte>>? _sequence;
    private int _disposed;

    private CompositeBuffer(string name, CompositeParts parts)
    {
        Name = name;
        _parts = parts;
        MadeAt = LeakTracking.Here();
    }

    /// <summary>Lets go of what its user forgot.</summary>
    ~CompositeBuffer() => Dispose(disposing: false);

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Kind => "Composite";

    /// <inheritdoc/>
    public long Length => _parts.Length;

    /// <summary>How many pieces of memory it has; empty ones do not count, and one of more than 1 GiB counts for each GiB.</summary>
    public int PartCount => _parts.Segments.Length;

    /// <inheritdoc/>
    public bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    /// <inheritdoc/>
    /// <remarks>Memory that it has in several places counts for each of them, as in its length.</remarks>
    public long? ResidentBytes
    {
        get
        {
            try
            {
                return Work(Resident);
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
        }
    }

    /// <inheritdoc/>
    public string? MadeAt { get; }

    bool IByteAccess.IsWritable => true;

    string IByteAccess.LengthIsFixed => "A composite keeps its length. Concat makes one of more parts.";

    /// <summary>Makes one of buffers in their order; one may stand in several places.</summary>
    /// <param name="parts">Buffers and slices.</param>
    /// <exception cref="ObjectDisposedException">One of them has been disposed.</exception>
    public static CompositeBuffer Of(params NativeBuffer[] parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (Array.IndexOf(parts, null) is >= 0 and var nothing)
            throw new MemToolsException(ErrorKind.Misuse, $"Part {nothing} is null.");
        return Add(CompositeParts.Hold(parts.Select(part => part.Place(0, part.Length))));
    }

    /// <summary>For .NET's parsers and writers: the parts in a chain, good for as long as this is not disposed.</summary>
    public ReadOnlySequence<byte> AsSequence()
    {
        ThrowIfClosed();
        // In a box: another thread must not see half of it.
        return (_sequence ??= new(SequencePart.Chain(_parts.Segments))).Value;
    }

    /// <summary>A part of it, which shares the memory and keeps it alive also when this is disposed. Dispose it too.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">How many bytes.</param>
    /// <exception cref="MemToolsException">They do not lie within it.</exception>
    public CompositeBuffer Slice(long offset, long length)
    {
        CheckRange(offset, length);
        return Work(() => Add(CompositeParts.Hold(_parts.Places(offset, length))));
    }

    /// <summary>The rest of it from a place on.</summary>
    /// <param name="offset">First byte.</param>
    public CompositeBuffer Slice(long offset)
    {
        CheckRange(offset, 0);
        return Slice(offset, Length - offset);
    }

    /// <summary>A stream over all of it, which cannot grow. Closing it leaves this open.</summary>
    public Stream OpenStream() => new ByteAccessStream(this);

    /// <summary>Lets go of the memory. Doing so again does nothing.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>For people.</summary>
    public override string ToString() => Name;

    void IByteAccess.ThrowIfClosed() => ThrowIfClosed();

    private static CompositeBuffer Add(CompositeParts parts) => LiveBuffers.Add("composite", name => new CompositeBuffer(name, parts));

    private void Dispose(bool disposing)
    {
        if (_parts is null || Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        if (disposing)
            LiveBuffers.Remove(this);
        else
            LeakTracking.Report(new() { Kind = LiveBuffers.Noun, Name = Name, Length = Length, MadeAt = MadeAt });
        _parts.Dispose();
    }

    private void CheckRange(long offset, long count)
    {
        ThrowIfClosed();
        if (offset < 0 || count < 0 || offset > Length || count > Length - offset)
            throw new MemToolsException(ErrorKind.Misuse, $"Bytes {offset} to {offset + (Int128)count} do not lie within '{Name}', which has {Length}.");
    }

    /// <summary>Holds the parts meanwhile. Another thread may dispose this in the middle of anything.</summary>
    private T Work<T>(Func<T> work)
    {
        Hold();
        try
        {
            return work();
        }
        finally
        {
            _parts.DangerousRelease();
        }
    }

    private unsafe long? Resident()
    {
        long? all = 0;
        foreach (CompositeSegment segment in _parts.Segments)
            all += OwnResidence.Bytes((nint)segment.Address, segment.Length);
        return all;
    }

    private void Hold()
    {
        ThrowIfClosed();
        try
        {
            bool held = false;
            _parts.DangerousAddRef(ref held);
        }
        catch (ObjectDisposedException)
        {
            throw Gone();
        }
    }

    private void ThrowIfClosed()
    {
        if (IsDisposed)
            throw Gone();
    }

    private ObjectDisposedException Gone() => new(Name, $"The composite '{Name}' has been disposed.");
}
