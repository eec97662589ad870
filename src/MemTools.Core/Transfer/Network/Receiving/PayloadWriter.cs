using MemTools.Kernel;
using MemTools.Transfer.Network.Connections;

namespace MemTools.Transfer.Network.Receiving;

/// <summary>
/// Takes a payload from the connection into a file. A file that cannot be written does not put the stream out of step: what
/// is left is read and dropped, and the failure returned.
/// </summary>
internal sealed unsafe class PayloadWriter : IDisposable
{
    /// <summary>Method that was used last.</summary>
    internal CopyMethod Method { get; private set; } = CopyMethod.ReadWrite;

    /// <summary>Calls that moved bytes so far.</summary>
    internal long Calls { get; private set; }

    /// <summary>Moves all of the payload.</summary>
    /// <param name="reader">The connection.</param>
    /// <param name="file">The file.</param>
    /// <param name="offset">Where in the file.</param>
    /// <returns>What kept the file from being written; null where it was.</returns>
    /// <exception cref="TransferException">The connection failed.</exception>
    internal SystemCallException? Move(FrameReader reader, CopyEnd file, long offset)
    {
        while (reader.PayloadLeft > 0)
        {
            ReadOnlySpan<byte> bytes = reader.TakeThroughBuffer();
            SystemCallException? failure = Write(file, bytes, offset);
            if (failure is not null)
            {
                reader.SkipPayload();
                return failure;
            }

            offset += bytes.Length;
        }

        return null;
    }

    public void Dispose()
    {
    }

    private SystemCallException? Write(CopyEnd file, ReadOnlySpan<byte> bytes, long offset)
    {
        fixed (byte* start = bytes)
        {
            for (int done = 0; done < bytes.Length;)
            {
                long written = FileIO.WriteAt(file.File, (nint)(start + done), bytes.Length - done, offset + done);
                Calls++;
                if (written < 0)
                    return new("pwrite", KernelResult.ErrnoOf(written), file.Path.ToString());
                done += (int)written;
            }
        }

        return null;
    }
}
