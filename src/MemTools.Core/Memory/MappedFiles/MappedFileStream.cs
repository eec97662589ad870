using MemTools.Kernel;

namespace MemTools.Memory;

/// <summary>A stream over a mapped file, of fixed length.</summary>
internal sealed class MappedFileStream : Stream
{
    private readonly MappedFile _file;
    private long _position;
    private bool _closed;

    internal MappedFileStream(MappedFile file) => _file = file;

    public override bool CanRead => !_closed;

    public override bool CanSeek => !_closed;

    public override bool CanWrite => !_closed && _file.Mode != nameof(MappedFileMode.ReadOnly);

    public override long Length
    {
        get
        {
            ThrowIfClosed();
            return _file.Length;
        }
    }

    public override long Position
    {
        get
        {
            ThrowIfClosed();
            return _position;
        }

        set
        {
            ThrowIfClosed();
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    public override int Read(Span<byte> buffer)
    {
        ThrowIfClosed();
        int count = (int)Math.Clamp(_file.Length - _position, 0, buffer.Length);
        if (count == 0)
            return 0;
        _file.Read(_position, buffer[..count]);
        _position += count;
        return count;
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        Write(buffer.AsSpan(offset, count));
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ThrowIfClosed();
        _file.Write(_position, buffer);
        _position += buffer.Length;
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        ThrowIfClosed();
        long start = origin switch
        {
            SeekOrigin.Begin => 0,
            SeekOrigin.Current => _position,
            _ => _file.Length,
        };
        if (offset < -start || offset > long.MaxValue - start)
            throw new IOException("A position cannot be negative.");
        return _position = start + offset;
    }

    public override void SetLength(long value) =>
        throw new NotSupportedException("A mapping keeps its length. Open-MappedFile -Create -Length maps a longer one.");

    /// <summary>Nothing is held back: what was written is in the page cache. <see cref="MappedFile.Sync(bool)"/> puts it on the disk.</summary>
    public override void Flush() => ThrowIfClosed();

    protected override void Dispose(bool disposing)
    {
        _closed = true;
        base.Dispose(disposing);
    }

    private void ThrowIfClosed()
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        _file.ThrowIfClosed();
    }
}
