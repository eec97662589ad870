using MemTools.Transfer.Network.Handshake;
using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Connections;

/// <summary>One connection: the socket and the frames of both directions.</summary>
internal sealed class Channel : IDisposable
{
    private bool _disposed;

    /// <summary>Enough for a handshake; what an unauthenticated peer is given.</summary>
    private const int LittleBuffer = 4096;

    internal Channel(PeerSocket socket, int readBuffer = LittleBuffer, int writeBuffer = LittleBuffer)
    {
        Socket = socket;
        Reader = new(socket, readBuffer);
        Writer = new(socket, writeBuffer);
    }

    internal PeerSocket Socket { get; }

    internal FrameReader Reader { get; }

    /// <summary>To be locked by whoever uses it.</summary>
    internal FrameWriter Writer { get; }

    /// <summary>Says that this end is alive, where it has said nothing for a while and nobody is saying anything.</summary>
    internal void KeepAlive()
    {
        if (!Monitor.TryEnter(Writer))
            return;
        try
        {
            if (_disposed || !Socket.CanSend || System.Diagnostics.Stopwatch.GetElapsedTime(Writer.LastSent) < WireLimits.AliveAfter)
                return;
            Writer.Put(FrameType.Alive, []);
            Writer.Flush();
        }
        catch (TransferException)
        {
            // Whoever reads finds out too, and acts on it.
        }
        finally
        {
            Monitor.Exit(Writer);
        }
    }

    /// <summary>Closes it. Whoever reads must have ended; whoever writes holds the writer's lock.</summary>
    public void Dispose()
    {
        lock (Writer)
        {
            _disposed = true;
            Socket.Dispose();
            Reader.Dispose();
            Writer.Dispose();
        }
    }
}
