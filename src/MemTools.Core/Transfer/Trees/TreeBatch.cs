using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Trees;

/// <summary>
/// Entries of one directory as getdents64(2) returned them, taken by several workers in chunks. The buffer is a
/// shared one, given back when the last chunk is done.
/// </summary>
internal sealed class TreeBatch
{
    private const int BufferSize = 32 * 1024;
    private const int LargestChunk = 16;

    private readonly byte[] _buffer;
    private readonly int _length;
    private int _position;
    private int _left;
    private int _users = 1;

    [MethodImpl(Compilation.AtOnce)]
    private TreeBatch(TreeDirectory directory, byte[] buffer, int length)
    {
        Directory = directory;
        _buffer = buffer;
        _length = length;
        for (int at = 0; at < length; at += LengthAt(at))
            _left++;
    }

    internal TreeDirectory Directory { get; }

    /// <summary>The name that the only entry takes in the destination, where it is not its own.</summary>
    internal NativePath? DestinationName { get; private init; }

    /// <summary>Whether all entries have been taken. Under the run's lock.</summary>
    internal bool IsExhausted => _left == 0;

    /// <summary>Reads the next entries of a directory; null at its end. The result is a negative errno where that failed.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal static long Read(TreeLease lease, out TreeBatch? batch)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        long filled = DirectoryEntries.ReadEntries(lease.Source, buffer);
        batch = filled > 0 ? new(lease.Directory, buffer, (int)filled) : null;
        if (batch is null)
            ArrayPool<byte>.Shared.Return(buffer);
        return filled;
    }

    /// <summary>A batch of one name of unknown type.</summary>
    internal static TreeBatch Of(TreeDirectory directory, NativePath name, NativePath? destinationName = null)
    {
        int length = DirectoryCalls.EntryNameOffset + name.Bytes.Length + 1;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
        buffer.AsSpan(0, length).Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(DirectoryCalls.EntryLengthOffset), (ushort)length);
        name.Bytes.CopyTo(buffer.AsSpan(DirectoryCalls.EntryNameOffset));
        return new(directory, buffer, length) { DestinationName = destinationName };
    }

    /// <summary>The next entries for one worker: few where few are left, for some of them may be large. Under the run's lock.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal TreeChunk Take(int workers)
    {
        int count = Math.Clamp(_left / (4 * workers), 1, Math.Min(LargestChunk, _left));
        int start = _position;
        for (int i = 0; i < count; i++)
            _position += LengthAt(_position);
        _left -= count;
        _users++;
        return new(this, start, _position);
    }

    internal ReadOnlySpan<byte> NameAt(int offset)
    {
        ReadOnlySpan<byte> name = _buffer.AsSpan(offset + DirectoryCalls.EntryNameOffset, LengthAt(offset) - DirectoryCalls.EntryNameOffset);
        return name[..name.IndexOf((byte)0)];
    }

    internal byte TypeAt(int offset) => _buffer[offset + DirectoryCalls.EntryTypeOffset];

    internal int LengthAt(int offset) =>
        BinaryPrimitives.ReadUInt16LittleEndian(_buffer.AsSpan(offset + DirectoryCalls.EntryLengthOffset));

    internal TreeChunk Whole() => new(this, 0, _length);

    internal void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            ArrayPool<byte>.Shared.Return(_buffer);
    }
}

/// <summary>Some entries of a batch, by offset.</summary>
internal readonly record struct TreeChunk(TreeBatch Batch, int Start, int End);
