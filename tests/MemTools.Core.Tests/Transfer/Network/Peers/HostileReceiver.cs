using System.Net;
using System.Net.Sockets;
using MemTools.Tests.Support;
using MemTools.Transfer.Network;
using MemTools.Transfer.Trees;

namespace MemTools.Tests.Transfer.Network.Peers;

/// <summary>A receiver that does to each connection what a test says.</summary>
internal sealed class HostileReceiver : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Action<WirePeer> _talk;
    private readonly Aside _accepting;
    private readonly List<Aside> _talks = [];

    internal HostileReceiver(Action<WirePeer> talk)
    {
        _talk = talk;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(16);
        _accepting = Aside.Run(Accept);
    }

    internal ConnectionString ConnectionString => ConnectionString.ForHost("127.0.0.1", ((IPEndPoint)_listener.LocalEndPoint!).Port);

    /// <summary>What a test's check within the talk found wrong.</summary>
    internal Exception? Complaint { get; private set; }

    /// <summary>How many connections there were.</summary>
    internal int Connections { get; private set; }

    /// <summary>Options under which nobody waits long.</summary>
    internal static SendOptions Impatient => new()
    {
        IdleTime = TimeSpan.FromSeconds(1),
        ConnectTime = TimeSpan.FromSeconds(1),
        MaximumRetryCount = 0,
        RetryInterval = TimeSpan.Zero,
    };

    /// <summary>Where the answer comes, and only a busy machine keeps anybody waiting for it.</summary>
    internal static SendOptions Patient => Impatient with { IdleTime = Waited.Longest, ConnectTime = Waited.Longest };

    /// <summary>Sends a small and a large file to it; what went wrong, or null where all arrived.</summary>
    internal Exception? Send(byte[]? key, SendOptions? options = null) => Send(key, options, out _);

    internal Exception? Send(byte[]? key, SendOptions? options, out TreeOutcome[] outcomes)
    {
        using TempDirectory source = new(Place.Memory);
        string small = source.Write("small", Content.Random(5000));
        string large = source.Write("large", Content.Random(3 << 20));
        TreeOutcome[] all = [];
        Exception? error = Record.Exception(() => all = Sending.Run(ConnectionString, key, options ?? Impatient, small, large));
        outcomes = all;
        return error ?? all.Select(outcome => outcome.Error).FirstOrDefault(one => one is not null);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _accepting.End();
        lock (_talks)
        {
            foreach (Aside talk in _talks)
                Complaint ??= talk.End() is { } error and not SocketException and not ObjectDisposedException ? error : null;
        }

        Assert.Null(Complaint);
    }

    private void Accept()
    {
        while (true)
        {
            Socket socket = _listener.Accept();
            Connections++;
            lock (_talks)
            {
                _talks.Add(Aside.Run(() =>
                {
                    using WirePeer peer = new(socket);
                    _talk(peer);
                }));
            }
        }
    }
}
