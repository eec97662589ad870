using MemTools.Kernel;

namespace MemTools.Transfer;

/// <summary>Reads a file again, piece by piece, to hash or compare it.</summary>
internal sealed class ContentReader : IDisposable
{
    internal const int BufferSize = 256 * 1024;

    private readonly Mapping _buffer = Mapping.Memory(BufferSize);

    /// <summary>Fills the buffer from an offset, short only at the end of the file.</summary>
    internal unsafe ReadOnlySpan<byte> Read(CopyEnd file, long offset, long count)
    {
        long wanted = Math.Min(count, BufferSize);
        long filled = 0;
        while (filled < wanted)
        {
            long read = FileIO.ReadAt(file.File, _buffer.Address + (nint)filled, wanted - filled, offset + filled);
            SystemCallException.Check(read, "pread", file.Path);
            if (read == 0)
                break;
            filled += read;
        }

        return new((void*)_buffer.Address, (int)filled);
    }

    public void Dispose() => _buffer.Dispose();
}
