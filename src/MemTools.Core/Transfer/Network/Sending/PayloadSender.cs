using MemTools.Kernel;
using MemTools.Transfer.Network.Connections;
using MemTools.Transfer.Network.Moving;
using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Sending;

/// <summary>Moves ranges of files into a connection. For one thread.</summary>
internal sealed class PayloadSender(CopyMethod method) : IDisposable
{
    private static readonly byte[] Zeros = new byte[64 * 1024];

    private readonly StreamMover _mover = StreamMover.ForSending(method);

    /// <summary>One file's way into a connection.</summary>
    internal static CopyJob JobFor(Channel channel, SourceFile source, IReadOnlyList<IPieceObserver> observers, long largestPiece, CancellationToken stop)
    {
        PeerSocket socket = channel.Socket;
        CopyEnd to = new(socket.File, socket.Path, HasPositions: false, CanBeCut: false) { IdleLimit = socket.IdleLimit };
        return new(source.End, to, new PieceSize(largestPiece), null, stop) { Observers = observers };
    }

    /// <summary>
    /// Moves exactly so many bytes. Where the source has fewer, or cannot be read, zeros take their place: the length was
    /// promised, and the next frame has to stand where the receiver looks for it.
    /// </summary>
    /// <exception cref="TransferException">The connection failed.</exception>
    internal EndOutcome Move(Channel channel, CopyJob job, long offset, long length)
    {
        CopyRun run = new(offset, 0, length);
        EndOutcome outcome = EndOutcome.Complete;
        try
        {
            _mover.Move(job, ref run);
            if (run.SourceEnded)
                outcome = EndOutcome.SourceTruncated;
        }
        catch (TransferException e) when (IsOfSource(e, job))
        {
            outcome = EndOutcome.SourceUnreadable;
        }

        for (long missing = run.Remaining; missing > 0; missing -= Zeros.Length)
            channel.Socket.Send(Zeros.AsSpan(0, (int)Math.Min(Zeros.Length, missing)));
        channel.Writer.SentPayload();
        return outcome;
    }

    /// <summary>Tells how a file was moved.</summary>
    internal void Describe(SentItem item, CopyJob job)
    {
        // Of several that had a part in it, those that moved something.
        if (job.BytesTransferred > 0)
        {
            item.Method = _mover.Method is { } method ? MethodNames.Of(method) : "None";
            item.Refused = _mover.Refused;
        }

        item.SystemCalls += job.SystemCalls;
        item.BytesTransferred += job.BytesTransferred;
    }

    public void Dispose() => _mover.Dispose();

    private static bool IsOfSource(TransferException error, CopyJob job) =>
        error.InnerException is SystemCallException call && call.Path == job.Source.Path.ToString();
}
