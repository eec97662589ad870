using System.Diagnostics;
using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Transfer.Network.Connections;
using MemTools.Transfer.Network.Handshake;
using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Receiving;

/// <summary>
/// One connection of a receiver and the thread that serves it: the handshake, then frame after frame until it ends. Whatever
/// goes wrong here is written down and ends this connection, and no other.
/// </summary>
internal sealed class ReceiveConnection : IDisposable
{
    private const int StackSize = 256 * 1024;
    private const int BufferSize = 192 * 1024;
    private const int WriteBufferSize = 80 * 1024;

    private readonly ReceiveHub _hub;
    private readonly Channel _channel;
    private readonly Action<ReceiveConnection> _ended;
    private readonly Thread _thread;
    private readonly long _accepted = Stopwatch.GetTimestamp();
    private SenderIdentity? _sender;
    private volatile bool _replaced;
    private volatile bool _isEnding;

    internal ReceiveConnection(ReceiveHub hub, PeerSocket socket, Action<ReceiveConnection> ended)
    {
        _hub = hub;
        _ended = ended;
        socket.IdleLimit = hub.Options.IdleTime;
        _channel = new(socket);
        _thread = new Thread(Serve, StackSize) { IsBackground = true, Name = "memtools receive" };
    }

    /// <summary>When it was accepted, as the stopwatch tells it.</summary>
    internal long Accepted => _accepted;

    /// <summary>Whether the peer has proved that it has the key.</summary>
    internal bool IsThrough { get; private set; }

    /// <summary>Whether it takes a place among those that are not through with the handshake: one that was aborted is as good as gone.</summary>
    internal bool IsUnproved => !IsThrough && !_isEnding;

    internal string Peer => _channel.Socket.Name;

    internal uint FileMask => _hub.Root.FileMask;

    internal void Start() => _thread.Start();

    /// <summary>Ends it without waiting.</summary>
    internal void Abort()
    {
        _isEnding = true;
        _channel.Socket.Abort();
    }

    /// <summary>Ends it because its sender has made another in its place, and waits until it has let everything go.</summary>
    internal void EndAndWait()
    {
        _replaced = true;
        Abort();
        _thread.Join();
    }

    /// <summary>Closes it; done by its own thread at the end, or where that never began.</summary>
    public void Dispose() => _channel.Dispose();

    internal void KeepAlive()
    {
        if (IsThrough)
            _channel.KeepAlive();
    }

    private void Serve()
    {
        bool saidGoodbye = false;
        ReceiveSession? session = null;
        try
        {
            using ReceiverHandshake handshake = ReceiverHandshake.Run(_channel, _hub.Key, _accepted + (long)(_hub.Options.HandshakeTime.TotalSeconds * Stopwatch.Frequency));
            Admit();
            _sender = handshake.Sender;
            session = _hub.Sessions.Join(_sender, this);
            _channel.Reader.Grow(BufferSize);
            _channel.Writer.Grow(WriteBufferSize);
            lock (_channel.Writer)
                handshake.Welcome(Terms());
            IsThrough = true;
            saidGoodbye = ServeSession(session);
        }
        catch (HandshakeRefusedException e)
        {
            _hub.Tell(Peer, $"refused: {e.Message}.");
        }
        catch (Exception e) when (e is TransferException or SystemCallException)
        {
            Tell(e);
        }
        catch (OperationCanceledException)
        {
            // The receiver ends.
        }
        catch (Exception e)
        {
            // A mistake of this program ends one connection, not the receiver.
            _hub.Tell(Peer, $"the connection broke off: {e}");
        }
        finally
        {
            _channel.Socket.Abort();
            if (_sender is not null && session is not null)
                _hub.Sessions.Leave(_sender, saidGoodbye);
            Dispose();
            _ended(this);
        }
    }

    [MethodImpl(Compilation.AtOnce)]
    private bool ServeSession(ReceiveSession session)
    {
        using EntryReceiver entries = new(_hub, session, this, _channel);
        try
        {
            while (_channel.Reader.Next())
            {
                if (_channel.Reader.Header.Type == FrameType.Goodbye)
                {
                    entries.HandOver();
                    return true;
                }

                entries.Take();
                if (!_channel.Reader.HasNext)
                    entries.HandOver();
            }

            return false;
        }
        catch (TransferException e) when (e.Kind is not ErrorKind.Disconnected)
        {
            TellPeer(e);
            throw;
        }
        finally
        {
            entries.GiveUp();
        }
    }

    /// <summary>Counts it among the connections that are served; the last place where one can be too many.</summary>
    private void Admit()
    {
        if (!_hub.TryAdmit())
            throw ReceiverHandshake.Refuse(_channel, RejectReason.TooManyConnections);
        WasAdmitted = true;
    }

    /// <summary>Whether it counts among those that are served.</summary>
    internal bool WasAdmitted { get; private set; }

    private Welcome Terms() => new()
    {
        LargestFile = _hub.Options.MaximumSize ?? long.MaxValue,
        MostUnanswered = WireLimits.MostUnanswered,
        LargestData = WireLimits.LargestData,
        IdleSeconds = (int)Math.Ceiling(_hub.Options.IdleTime.TotalSeconds),
    };

    private void TellPeer(TransferException error)
    {
        if (!Monitor.TryEnter(_channel.Writer))
            return;
        try
        {
            _channel.Writer.Put(FrameType.Stop, StopBody.Write(error.Kind, error.Message));
            _channel.Writer.Flush();
            _channel.Socket.EndSending();
        }
        catch (TransferException)
        {
            // It has gone: then it need not know.
        }
        finally
        {
            Monitor.Exit(_channel.Writer);
        }
    }

    private void Tell(Exception error)
    {
        if (!_replaced && !_hub.Stop.IsCancellationRequested)
            _hub.Tell(Peer, (IsThrough ? "the connection ended: " : "refused: ") + error.Message);
    }
}
