using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Transfer.Network.Connections;
using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Sending;

/// <summary>Takes what a receiver says on one connection: answers to offers, and results. For the thread that reads.</summary>
internal sealed class ReceiverFrames(SendSession session)
{
    private readonly List<Pending> _done = [];

    /// <summary>Takes the current frame. True where the receiver has got on with something.</summary>
    /// <exception cref="TransferException">The receiver ends the connection, or breaks the protocol.</exception>
    [MethodImpl(Compilation.AtOnce)]
    internal bool Take(FrameReader reader)
    {
        switch (reader.Header.Type)
        {
            case FrameType.Results:
                TakeResults(reader.Body);
                return true;
            case FrameType.Answer:
                (uint id, ResumePoint[] points) = Answer.Read(reader.Body);
                session.Find(id)?.Answered(points);
                return true;
            case FrameType.Stop:
                (ErrorKind kind, string text) = StopBody.Read(reader.Body);
                throw new TransferException(kind, $"'{session.Peer}' ended the connection: {text}");
            case FrameType.Alive:
                return false;
            default:
                throw Violation.Of($"a {reader.Header.Type} frame came from a receiver");
        }
    }

    [MethodImpl(Compilation.AtOnce)]
    private void TakeResults(ReadOnlySpan<byte> body)
    {
        WireReader records = new(body);
        try
        {
            while (!records.IsAtEnd)
            {
                ResultRecord record = ResultRecord.Read(ref records);
                if (session.Take(record.Id) is { } pending && pending.Done(record))
                    _done.Add(pending);
            }
        }
        finally
        {
            Settle();
        }
    }

    /// <summary>Reports what is done, and only then lets go on what waited for it: with the last item the run ends.</summary>
    [MethodImpl(Compilation.AtOnce)]
    private void Settle()
    {
        foreach (Pending pending in _done)
            pending.Run.HandOver();
        foreach (Pending pending in _done)
            pending.Settle();
        _done.Clear();
    }
}
