using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Methods;

/// <summary>read(2) and write(2) through one buffer. Nothing refuses it, and it alone sees the bytes go by.</summary>
internal sealed class ReadWriteMethod : ICopyMethod
{
    /// <summary>Fits the second-level cache, so that the bytes are written while they are still there.</summary>
    private const int BufferSize = 256 * 1024;

    /// <summary>The granularity in which zeros become holes: the block size of nearly every file system.</summary>
    private const int HoleSize = 4096;

    private Mapping? _buffer;

    public CopyMethod Kind => CopyMethod.ReadWrite;

    public CallFailure Copy(CopyJob job, ref CopyRun run)
    {
        _buffer ??= Mapping.Memory(BufferSize);
        while (!run.Done)
        {
            long piece = job.NextPiece(run, BufferSize);
            long read = Read(job, run, piece);
            if (read == 0)
                run.EndOfSource();
            else if (read > 0 && Write(job, ref run, (int)read) is { Failed: true } failure)
                return failure;
            else if (read < 0 && (KernelResult.ErrnoOf(read) != Errno.EAGAIN || !job.WaitForSource()))
                return new(job.Source.HasPositions ? "pread" : "read", KernelResult.ErrnoOf(read), CallSubject.Source);
        }

        return default;
    }

    public bool IsRefusal(Errno errno) => false;

    public void Dispose()
    {
        _buffer?.Dispose();
        _buffer = null;
    }

    private long Read(CopyJob job, in CopyRun run, long count)
    {
        job.CountCalls(1);
        return job.Source.HasPositions
            ? FileIO.ReadAt(job.Source.File, _buffer!.Address, count, run.SourceOffset)
            : FileIO.Read(job.Source.File, _buffer!.Address, count);
    }

    private unsafe CallFailure Write(CopyJob job, ref CopyRun run, int count)
    {
        int done = 0;
        while (done < count)
        {
            ReadOnlySpan<byte> rest = new((void*)(_buffer!.Address + done), count - done);
            int zeros = job.SkipZeros ? Zeros(rest, run.DestinationOffset) : 0;
            if (zeros > 0)
            {
                job.Advance(ref run, zeros, rest[..zeros]);
                done += zeros;
                continue;
            }

            int length = job.SkipZeros ? BytesBeforeHole(rest, run.DestinationOffset) : rest.Length;
            long written = WriteOnce(job, run, _buffer.Address + done, length);
            if (written >= 0)
            {
                job.Advance(ref run, written, rest[..(int)written]);
                done += (int)written;
            }
            else if (KernelResult.ErrnoOf(written) != Errno.EAGAIN || !job.WaitForDestination())
            {
                job.Lose(count - done);
                return new(job.Destination.HasPositions ? "pwrite" : "write", KernelResult.ErrnoOf(written), CallSubject.Destination);
            }
        }

        return default;
    }

    private static long WriteOnce(CopyJob job, in CopyRun run, nint address, int length)
    {
        job.CountCalls(1);
        return job.Destination.HasPositions
            ? FileIO.WriteAt(job.Destination.File, address, length, run.DestinationOffset)
            : FileIO.Write(job.Destination.File, address, length);
    }

    /// <summary>Length of the whole zero blocks at the start, where they lie on block boundaries of the destination.</summary>
    private static int Zeros(ReadOnlySpan<byte> bytes, long offset)
    {
        if (offset % HoleSize != 0)
            return 0;
        int nonZero = bytes.IndexOfAnyExcept((byte)0);
        int zeros = nonZero < 0 ? bytes.Length : nonZero;
        return zeros == bytes.Length ? zeros : zeros / HoleSize * HoleSize;
    }

    /// <summary>Length of what precedes the next block that is all zeros.</summary>
    private static int BytesBeforeHole(ReadOnlySpan<byte> bytes, long offset)
    {
        int toBoundary = (int)((HoleSize - (offset % HoleSize)) % HoleSize);
        for (int start = toBoundary == 0 ? HoleSize : toBoundary; start < bytes.Length; start += HoleSize)
        {
            ReadOnlySpan<byte> block = bytes.Slice(start, Math.Min(HoleSize, bytes.Length - start));
            if (block.IndexOfAnyExcept((byte)0) < 0)
                return start;
        }

        return bytes.Length;
    }
}
