using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer;
using MemTools.Transfer.Network.Moving;

namespace MemTools.Tests.Transfer.Network;

/// <summary>Moves between files and streams, as the tests make them.</summary>
internal static class Moves
{
    internal static CopyEnd OpenFile(string path, int flags = OpenFlags.ReadOnly)
    {
        NativePath name = NativePath.From(path);
        return new(FileIO.Open(Descriptor.WorkingDirectory, name, flags), name, HasPositions: true, CanBeCut: true);
    }

    internal static CopyJob Job(CopyEnd source, CopyEnd destination, CancellationToken stop = default, params IPieceObserver[] observers) =>
        new(source, destination, new PieceSize(), null, stop) { Observers = observers };

    /// <summary>Sends a file from an offset to its end.</summary>
    internal static (CopyJob Job, CopyRun Run, StreamMover Mover) Send(
        string path, long offset, long length, StreamEnd to, CopyMethod method, CancellationToken stop = default, params IPieceObserver[] observers)
    {
        CopyEnd source = OpenFile(path);
        using (source.File)
        {
            using StreamMover mover = StreamMover.ForSending(method);
            CopyJob job = Job(source, to.End, stop, observers);
            CopyRun run = new(offset, 0, length);
            mover.Move(job, ref run);
            return (job, run, mover);
        }
    }

    /// <summary>Receives to the end of the stream.</summary>
    internal static (CopyJob Job, CopyRun Run, StreamMover Mover) Receive(
        StreamEnd from, CopyEnd destination, long offset, CopyMethod method, long length = CopyRun.ToTheEnd, CancellationToken stop = default)
    {
        using StreamMover mover = StreamMover.ForReceiving(method);
        CopyJob job = Job(from.End, destination, stop);
        CopyRun run = new(0, offset, length);
        mover.Move(job, ref run);
        return (job, run, mover);
    }
}
