using MemTools.Kernel;
using MemTools.Transfer.Network.Connections;
using MemTools.Transfer.Network.Moving;

namespace MemTools.Transfer.Network.Receiving;

/// <summary>
/// Takes a payload from the connection into a file: what came with the frame from the buffer, the rest straight from the
/// socket. A file that cannot be written does not put the stream out of step: what is left is read and dropped, and the failure
/// returned.
/// </summary>
internal sealed unsafe class PayloadWriter : IDisposable
{
    private readonly PeerSocket _socket;
    private readonly FrameReader _reader;
    private readonly CancellationToken _stop;
    private readonly StreamMover _mover = StreamMover.ForReceiving(CopyMethod.Auto);
    private readonly PieceSize _pieces = new();

    internal PayloadWriter(Channel channel, CancellationToken stop)
    {
        _socket = channel.Socket;
        _reader = channel.Reader;
        _stop = stop;
    }

    /// <summary>Calls that moved bytes so far.</summary>
    internal long Calls { get; private set; }

    /// <summary>The method of the last payload that did not come with its frame.</summary>
    internal CopyMethod Method => _mover.Method ?? CopyMethod.ReadWrite;

    /// <summary>Moves all of the payload.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">Where in the file.</param>
    /// <returns>What kept the file from being written; null where it was.</returns>
    /// <exception cref="TransferException">The connection failed.</exception>
    internal SystemCallException? Move(CopyEnd file, long offset)
    {
        ReadOnlySpan<byte> bytes = _reader.TakeBuffered();
        SystemCallException? failure = bytes.IsEmpty ? null : Write(file, bytes, offset);
        if (failure is null && _reader.PayloadLeft > 0)
            failure = MoveFromSocket(file, offset + bytes.Length);
        if (failure is not null)
            _reader.SkipPayload();
        return failure;
    }

    public void Dispose() => _mover.Dispose();

    private SystemCallException? MoveFromSocket(CopyEnd file, long offset)
    {
        CopyEnd socket = new(_socket.File, _socket.Path, HasPositions: false, CanBeCut: false) { IdleLimit = _socket.IdleLimit };
        CopyJob job = new(socket, file, _pieces, null, _stop) { Observers = [new PayloadPace(_socket)] };
        CopyRun run = new(0, offset, _reader.PayloadLeft);
        try
        {
            _mover.Move(job, ref run);
            if (run.SourceEnded)
                throw new TransferException(ErrorKind.Disconnected, $"'{_socket.Name}' broke off the connection.");
            return null;
        }
        catch (TransferException e) when (e.InnerException is SystemCallException call && call.Path == file.Path.ToString())
        {
            return call;
        }
        finally
        {
            Calls += job.SystemCalls;
            _reader.TookFromSocket((int)(job.BytesTransferred + job.BytesLost));
        }
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
