using System.Buffers;
using System.Runtime.CompilerServices;

namespace MemTools.Kernel;

/// <summary>
/// Reads a file line by line, in place: the next block is read on another thread while this one is looked at, since
/// for files of /proc the reading is the kernel's work of making the text. No line is copied but one that crosses
/// from block to block.
/// </summary>
internal sealed unsafe class BlockReader : IDisposable
{
    private const int BlockLength = 96 * 1024;

    /// <summary>Room for the beginning of a line whose end is in the next block: a path of 4,095 bytes, four for each.</summary>
    private const int CarryLength = 32 * 1024;

    private readonly Descriptor _file;
    private readonly CancellationToken _stop;
    private byte[] _current = ArrayPool<byte>.Shared.Rent(CarryLength + BlockLength);
    private byte[] _other = ArrayPool<byte>.Shared.Rent(CarryLength + BlockLength);
    private Task<long>? _ahead;
    private int _at = CarryLength;
    private int _end = CarryLength;

    /// <param name="file">The file, which the reader closes.</param>
    /// <param name="stop">Looked at before each block.</param>
    internal BlockReader(Descriptor file, CancellationToken stop)
    {
        _file = file;
        _stop = stop;
    }

    /// <summary>
    /// The next line without its end; it is valid until the next call. A last line without a line feed counts.
    /// </summary>
    /// <returns>One for a line, zero at the end of the file, or a negative errno.</returns>
    // Compiled with all optimisations at once: it runs a third of a million times for one map, in a shell that asks once.
    [MethodImpl(Compilation.AtOnce)]
    internal long Next(out ReadOnlySpan<byte> line)
    {
        while (true)
        {
            ReadOnlySpan<byte> rest = _current.AsSpan(_at, _end - _at);
            int length = rest.IndexOf((byte)'\n');
            if (length >= 0)
            {
                line = rest[..length];
                _at += length + 1;
                return 1;
            }

            long read = Refill();
            if (read > 0)
                continue;
            line = _current.AsSpan(_at, _end - _at);
            _at = _end;
            return read < 0 || line.IsEmpty ? read : 1;
        }
    }

    public void Dispose()
    {
        if (_file.IsClosed)
            return;
        // The thread that reads ahead must be done with the buffer and the descriptor.
        _ahead?.Wait(CancellationToken.None);
        _file.Dispose();
        ArrayPool<byte>.Shared.Return(_current);
        ArrayPool<byte>.Shared.Return(_other);
        _current = _other = [];
    }

    private long Refill()
    {
        _stop.ThrowIfCancellationRequested();
        int carry = _end - _at;
        if (carry > CarryLength)
            throw new InvalidDataException("A line is longer than any that the kernel writes.");
        long read = _ahead is null ? Fill(_other) : _ahead.GetAwaiter().GetResult();
        _ahead = null;
        if (read <= 0)
            return read;
        _current.AsSpan(_at, carry).CopyTo(_other.AsSpan(CarryLength - carry));
        (_current, _other) = (_other, _current);
        _at = CarryLength - carry;
        _end = CarryLength + (int)read;
        byte[] next = _other;
        _ahead = Task.Run(() => Fill(next), CancellationToken.None);
        return read;
    }

    /// <summary>A read of /proc gives a page at most, however large the buffer.</summary>
    private long Fill(byte[] buffer)
    {
        int filled = 0;
        fixed (byte* start = &buffer[CarryLength])
        {
            while (filled < BlockLength)
            {
                long read = FileIO.Read(_file, (nint)start + filled, BlockLength - filled);
                if (read < 0 && filled == 0)
                    return read;
                // An error after some bytes comes again at the next read.
                if (read <= 0)
                    break;
                filled += (int)read;
            }
        }

        return filled;
    }
}
