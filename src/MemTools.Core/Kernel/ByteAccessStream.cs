namespace MemTools.Kernel;

/// <summary>A stream of fixed length over bytes that are reached by their offset. Closing it leaves them open.</summary>
internal sealed class ByteAccessStream : Stream
{
    private readonly IByteAccess _bytes;
    private long _position;
    private bool _closed;

    internal ByteAccessStream(IByteAccess bytes)
    {
        bytes.ThrowIfClosed();
        _bytes = bytes;
    }

    public override bool CanRead => !_closed;

    public override bool CanSeek => !_closed;

    public override bool CanWrite => !_closed && _bytes.IsWritable;

    public override long Length
    {
        get
        {
            ThrowIfClosed();
            return _bytes.Length;
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
        int count = (int)Math.Clamp(_bytes.Length - _position, 0, buffer.Length);
        if (count == 0)
            return 0;
        _bytes.Read(_position, buffer[..count]);
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
        _bytes.Write(_position, buffer);
        _position += buffer.Length;
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        ThrowIfClosed();
        long start = origin switch
        {
            SeekOrigin.Begin => 0,
            SeekOrigin.Current => _position,
            _ => _bytes.Length,
        };
        if (offset < -start || offset > long.MaxValue - start)
            throw new IOException("A position cannot be negative.");
        return _position = start + offset;
    }

    public override void SetLength(long value) =>
        throw new NotSupportedException(_bytes.LengthIsFixed);

    /// <summary>Nothing is held back.</summary>
    public override void Flush() => ThrowIfClosed();

    protected override void Dispose(bool disposing)
    {
        _closed = true;
        base.Dispose(disposing);
    }

    private void ThrowIfClosed()
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        _bytes.ThrowIfClosed();
    }
}
