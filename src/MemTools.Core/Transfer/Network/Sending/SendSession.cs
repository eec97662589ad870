using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer.Jobs;
using MemTools.Transfer.Network.Connections;
using MemTools.Transfer.Network.Handshake;
using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Sending;

/// <summary>The connections of one sender, and what is under way on them.</summary>
internal sealed class SendSession : IDisposable
{
    private const int ReadBuffer = 72 * 1024;
    private const int WriteBuffer = 256 * 1024;

    /// <summary>How long a request to stop may go unseen while a connection is made.</summary>
    private static readonly TimeSpan ConnectTurn = TimeSpan.FromMilliseconds(50);

    private readonly ConnectionString _target;
    private readonly TransferKey? _key;
    private readonly byte[] _session = RandomNumberGenerator.GetBytes(WireLimits.SessionSize);
    private readonly ConcurrentDictionary<uint, Pending> _pending = [];
    private readonly Timer _alive;
    private int _lastId;

    internal SendSession(ConnectionString target, TransferKey? key, SendOptions options)
    {
        _target = target;
        _key = key;
        Peer = target.Endpoint;
        Options = options;
        Rate = options.BandwidthLimit is { } limit ? new RateLimit(limit) : null;
        Connections = [.. Enumerable.Range(0, options.ConnectionCount).Select(index => new SendConnection(this, index))];
        _alive = new Timer(_ => KeepAlive(), null, WireLimits.AliveAfter, WireLimits.AliveAfter);
    }

    internal SendOptions Options { get; }

    internal SendConnection[] Connections { get; }

    internal RateLimit? Rate { get; }

    /// <summary>Where the receiver is, for messages and results.</summary>
    internal string Peer { get; }

    /// <summary>The next id, never 0.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal uint NextId()
    {
        uint id = (uint)Interlocked.Increment(ref _lastId);
        return id == 0 ? NextId() : id;
    }

    /// <summary>Expects a result; see <see cref="SendConnection.TryExpect"/>.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal void Expect(Pending pending) => _pending[pending.Id] = pending;

    /// <summary>What has no result yet, by its id.</summary>
    internal Pending? Find(uint id) => _pending.GetValueOrDefault(id);

    /// <summary>Takes what has its result; null where nothing of that id is waited for.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal Pending? Take(uint id)
    {
        if (!_pending.TryRemove(id, out Pending? pending))
            return null;
        pending.Connection.CountResult();
        return pending;
    }

    /// <summary>Takes all that a connection will never have a result for.</summary>
    internal List<Pending> TakeAll(SendConnection connection)
    {
        List<Pending> taken = [];
        foreach ((uint id, Pending pending) in _pending)
        {
            if (ReferenceEquals(pending.Connection, connection) && Take(id) is { } one)
                taken.Add(one);
        }

        return taken;
    }

    /// <summary>Connects and shakes hands, once.</summary>
    /// <exception cref="TransferException">The receiver is not to be reached, refuses, or is another.</exception>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    internal Channel Connect(int index, out Welcome welcome, CancellationToken stop)
    {
        Channel channel = new(Open(stop), ReadBuffer, WriteBuffer);
        try
        {
            channel.Socket.IdleLimit = Options.IdleTime;
            using CancellationTokenRegistration abort = stop.Register(channel.Socket.Abort);
            welcome = SenderHandshake.Run(channel, _key, _session, index, Options.ConnectionCount, Options.ConnectTime);
            return channel;
        }
        catch (TransferException) when (stop.IsCancellationRequested)
        {
            channel.Dispose();
            throw new OperationCanceledException(stop);
        }
        catch
        {
            channel.Dispose();
            throw;
        }
    }

    /// <summary>Whether the connection may work a little later.</summary>
    internal static bool MayPass(TransferException error) => error.Kind is
        ErrorKind.Disconnected or ErrorKind.Unreachable or ErrorKind.TimedOut or ErrorKind.LimitExceeded;

    /// <summary>Breaks all connections off: somewhere in the middle of a frame a run was stopped.</summary>
    internal void Abort()
    {
        foreach (SendConnection connection in Connections)
            connection.Abort();
    }

    /// <summary>Says goodbye on all connections, and closes them.</summary>
    public void Dispose()
    {
        _alive.Dispose();
        foreach (SendConnection connection in Connections)
            connection.Close();
    }

    private PeerSocket Open(CancellationToken stop)
    {
        Socket? socket = null;
        try
        {
            using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
            patience.CancelAfter(Options.ConnectTime);
            if (_target.UnixSocket is { } path)
            {
                socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                socket.ConnectAsync(new UnixDomainSocketEndPoint(path), patience.Token).AsTask().GetAwaiter().GetResult();
            }
            else
            {
                socket = ConnectToHost(patience.Token);
            }

            return new(socket, Peer);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            socket?.Dispose();
            throw new TransferException(ErrorKind.Unreachable, $"'{Peer}' did not answer within {Options.ConnectTime.TotalSeconds:0} seconds.");
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            // The message of what was caught names the address once more.
            string why = new SocketException((int)e.SocketErrorCode).Message;
            throw new TransferException(KindOf(e.SocketErrorCode), $"'{Peer}' cannot be reached: {why}.", e);
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    /// <summary>Tries the addresses of the host in turn.</summary>
    private Socket ConnectToHost(CancellationToken stop)
    {
        IPAddress[] addresses = IPAddress.TryParse(_target.HostName, out IPAddress? address)
            ? [address]
            : Dns.GetHostAddressesAsync(_target.HostName, stop).GetAwaiter().GetResult();
        for (int i = 0; ; i++)
        {
            if (addresses.Length == 0)
                throw new SocketException((int)SocketError.HostNotFound);
            Socket socket = new(addresses[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                Connect(socket, new IPEndPoint(addresses[i], _target.Port), stop);
                return socket;
            }
            catch (SocketException) when (i + 1 < addresses.Length)
            {
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }

    /// <summary>
    /// Connects by a call that does not wait, and poll(2). A socket that was once used asynchronously stays with the threads that
    /// .NET has for that, which would be woken by every result that comes, for nothing.
    /// </summary>
    private static unsafe void Connect(Socket socket, EndPoint end, CancellationToken stop)
    {
        socket.Blocking = false;
        SocketAddress address = end.Serialize();
        long begun;
        fixed (byte* bytes = address.Buffer.Span)
            begun = KernelResult.Of(SocketCalls.Connect(new(socket.Handle, owns: false), bytes, (uint)address.Size));
        if (KernelResult.ErrnoOf(begun) == Errno.EINPROGRESS)
        {
            while (!socket.Poll(ConnectTurn, SelectMode.SelectWrite))
                stop.ThrowIfCancellationRequested();
        }

        // Once more, which tells how it went; .NET, which would have thrown at the first call, takes note of it too.
        socket.Connect(end);
    }

    private static ErrorKind KindOf(SocketError error) => error switch
    {
        SocketError.AccessDenied => ErrorKind.PermissionDenied,
        SocketError.HostNotFound or SocketError.NoData => ErrorKind.NotFound,
        _ => ErrorKind.Unreachable,
    };

    private void KeepAlive()
    {
        foreach (SendConnection connection in Connections)
            connection.KeepAlive();
    }
}
