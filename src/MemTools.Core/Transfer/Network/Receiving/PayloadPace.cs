using System.Diagnostics;
using MemTools.Kernel;
using MemTools.Transfer.Network.Connections;

namespace MemTools.Transfer.Network.Receiving;

/// <summary>
/// Sees to it that enough of a payload comes in each idle time while the kernel moves it: any byte ends a wait, so that a peer
/// that drips would hold its connection for years.
/// </summary>
internal sealed class PayloadPace(PeerSocket socket) : IPieceObserver
{
    private long _since = Stopwatch.GetTimestamp();
    private long _bytes;

    /// <exception cref="TransferException">TimedOut: too little came for too long.</exception>
    public void Copied(CopyJob job, long sourceOffset, long destinationOffset, long length, ReadOnlySpan<byte> content)
    {
        _bytes += length;
        if (_bytes >= FrameReader.LeastPayload)
            (_since, _bytes) = (Stopwatch.GetTimestamp(), 0);
        else if (Stopwatch.GetElapsedTime(_since) > socket.IdleLimit)
            throw new TransferException(ErrorKind.TimedOut, $"'{socket.Name}' sent next to nothing for {socket.IdleLimit.TotalSeconds:0} seconds.");
    }

    public void Hole(long length)
    {
    }
}
