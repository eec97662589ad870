using MemTools.Native;

namespace MemTools.Kernel;

/// <summary>
/// Copies memory through a pipe: write(2) from the source, read(2) into the destination. Twice the work of
/// <see cref="GuardedCopy"/>, and allowed everywhere; a page that cannot be had is EFAULT here too.
/// </summary>
internal static unsafe class PipeCopy
{
    /// <summary>Copies as far as the pages can be had; the errno where not even the first can.</summary>
    internal static long Copy(nint source, nint destination, long count)
    {
        long opened = Open(out Descriptor? reader, out Descriptor? writer);
        if (opened < 0)
            return opened;
        using (reader)
        using (writer)
        {
            long copied = 0;
            while (copied < count)
            {
                long moved = MoveOnce(reader!, writer!, source + (nint)copied, destination + (nint)copied, count - copied);
                if (moved < 0)
                    return copied > 0 ? copied : moved;
                copied += moved;
            }

            return copied;
        }
    }

    /// <summary>What the pipe holds at once; it is empty before and after, unless the destination fails.</summary>
    private static long MoveOnce(Descriptor reader, Descriptor writer, nint source, nint destination, long count)
    {
        // The pipe does not block: it takes what it has room for.
        long written = FileIO.Write(writer, source, Math.Min(count, 64 * 1024));
        if (written <= 0)
            return written;
        return Drain(reader, destination, written);
    }

    /// <summary>
    /// All that was written, or an errno: after a short read the rest fails too, and this pipe is not used again.
    /// </summary>
    private static long Drain(Descriptor reader, nint destination, long count)
    {
        long done = 0;
        while (done < count)
        {
            long read = FileIO.Read(reader, destination + (nint)done, count - done);
            if (read <= 0)
                return read < 0 ? read : -(long)Errno.EFAULT;
            done += read;
        }

        return done;
    }

    private static long Open(out Descriptor? reader, out Descriptor? writer)
    {
        int* ends = stackalloc int[2];
        long result = KernelResult.Of(PipeCalls.Pipe(ends, OpenFlags.CloseOnExec | OpenFlags.NonBlocking));
        reader = result < 0 ? null : new(ends[0]);
        writer = result < 0 ? null : new(ends[1]);
        return result;
    }
}
