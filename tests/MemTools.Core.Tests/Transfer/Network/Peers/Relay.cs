using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using MemTools.Tests.Support;

namespace MemTools.Tests.Transfer.Network.Peers;

/// <summary>
/// Somebody on the way between a sender and a receiver: what goes through it can be delayed, slowed, changed, copied or cut
/// off. This kernel has no netem.
/// </summary>
internal sealed class Relay : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly EndPoint _target;
    private readonly ConcurrentBag<Socket> _sockets = [];
    private readonly ConcurrentBag<Thread> _threads = [];
    private long _toReceiver;
    private long _turns;
    private int _lastDirection = -1;
    private int _connections;
    private volatile bool _ended;

    /// <param name="target">The receiver.</param>
    internal Relay(EndPoint target)
    {
        _target = target;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(64);
        Start(Accept);
    }

    /// <summary>How long everything is under way, in each direction.</summary>
    internal TimeSpan Delay { get; init; }

    /// <summary>Bytes a second towards the receiver, with little room in between; null for no limit.</summary>
    internal int? BytesPerSecond { get; init; }

    /// <summary>Changes what goes to the receiver, one for each connection.</summary>
    internal Func<int, RelayFrames>? ToReceiver { get; init; }

    /// <summary>Changes what goes to the sender.</summary>
    internal Func<int, RelayFrames>? ToSender { get; init; }

    /// <summary>The bytes towards the receiver after which each of the first connections is cut.</summary>
    internal long[] Cuts { get; init; } = [];

    internal int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    internal int Connections => _connections;

    /// <summary>Bytes that went to the receiver.</summary>
    internal long BytesToReceiver => Interlocked.Read(ref _toReceiver);

    /// <summary>How often the other side spoke: twice the number of round trips that somebody waited for, at most.</summary>
    internal long Turns => Interlocked.Read(ref _turns);

    public void Dispose()
    {
        _ended = true;
        _listener.Dispose();
        foreach (Socket socket in _sockets)
            socket.Dispose();
        foreach (Thread thread in _threads)
            Assert.True(thread.Join(Waited.Longest), "A thread of the relay does not end.");
    }

    private void Accept()
    {
        while (!_ended)
        {
            try
            {
                Socket near = _listener.Accept();
                Socket far = new(_target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                _sockets.Add(near);
                _sockets.Add(far);
                if (BytesPerSecond is not null)
                    near.ReceiveBufferSize = far.SendBufferSize = 16 * 1024;
                near.NoDelay = far.NoDelay = true;
                Join(near, far);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }

    private void Join(Socket near, Socket far)
    {
        int number = _connections++;
        try
        {
            far.Connect(_target);
        }
        catch (SocketException)
        {
            near.Dispose();
            return;
        }

        Pump(near, far, 0, ToReceiver?.Invoke(number), number < Cuts.Length ? Cuts[number] : long.MaxValue);
        Pump(far, near, 1, ToSender?.Invoke(number), long.MaxValue);
    }

    private void Pump(Socket from, Socket to, int direction, RelayFrames? frames, long cut)
    {
        BlockingCollection<(long Due, byte[] Bytes)> way = new(boundedCapacity: Delay > TimeSpan.Zero ? 10_000 : 4);
        Start(() => Take(from, to, direction, frames, cut, way));
        Start(() => Give(from, to, direction, way));
    }

    private void Take(Socket from, Socket to, int direction, RelayFrames? frames, long cut, BlockingCollection<(long Due, byte[] Bytes)> way)
    {
        byte[] buffer = new byte[BytesPerSecond is null ? 64 * 1024 : 2048];
        try
        {
            while (from.Receive(buffer) is var count and > 0)
            {
                if (Interlocked.Exchange(ref _lastDirection, direction) != direction)
                    Interlocked.Increment(ref _turns);
                byte[] goes = frames is null ? buffer[..count] : frames.Pass(buffer.AsSpan(0, count));
                if (direction == 0)
                    Interlocked.Add(ref _toReceiver, goes.Length);
                if (goes.Length > 0)
                    way.Add((Stopwatch.GetTimestamp() + (long)(Delay.TotalSeconds * Stopwatch.Frequency), goes));
                if ((cut -= count) < 0)
                    Break(from, to);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Break(from, to);
        }
        finally
        {
            way.CompleteAdding();
        }
    }

    private void Give(Socket from, Socket to, int direction, BlockingCollection<(long Due, byte[] Bytes)> way)
    {
        try
        {
            foreach ((long due, byte[] bytes) in way.GetConsumingEnumerable())
            {
                TimeSpan wait = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
                if (wait > TimeSpan.Zero)
                    Thread.Sleep(wait);
                for (int sent = 0; sent < bytes.Length;)
                    sent += to.Send(bytes, sent, bytes.Length - sent, SocketFlags.None);
                if (direction == 0 && BytesPerSecond is { } rate)
                    Thread.Sleep(TimeSpan.FromSeconds((double)bytes.Length / rate));
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Break(from, to);
            while (way.TryTake(out _, Timeout.Infinite))
            {
            }
        }
    }

    /// <summary>As a cable that is torn out would, but at once: both ends are reset.</summary>
    private static void Break(Socket from, Socket to)
    {
        foreach (Socket socket in (Socket[])[from, to])
        {
            try
            {
                socket.LingerState = new LingerOption(true, 0);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // It has gone already.
            }

            socket.Dispose();
        }
    }

    private void Start(Action work)
    {
        Thread thread = new(() => work()) { IsBackground = true, Name = "relay" };
        _threads.Add(thread);
        thread.Start();
    }
}
