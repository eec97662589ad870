using MemTools.Transfer;

namespace MemTools.Tests.Support;

/// <summary>Does something in the middle of a copy: when its first piece has arrived, or each.</summary>
internal sealed class PieceWatcher(Action<CopyJob> act, bool once = true) : IPieceObserver
{
    /// <summary>Pieces that arrived.</summary>
    internal int Pieces { get; private set; }

    /// <summary>Has a session do something when its first piece has arrived.</summary>
    internal static Action<FileCopySession> AtFirstPiece(Action act) => AtFirstPiece(_ => act());

    internal static Action<FileCopySession> AtFirstPiece(Action<CopyJob> act) =>
        session => session.Observers = [new PieceWatcher(act)];

    public void Copied(CopyJob job, long sourceOffset, long destinationOffset, long length, ReadOnlySpan<byte> content)
    {
        if (Pieces++ == 0 || !once)
            act(job);
    }

    public void Hole(long length)
    {
    }
}
