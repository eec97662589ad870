using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Transfer.Network.Connections;
using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Sending;

/// <summary>
/// One of a sender's connections. A worker sends on it; a thread of its own takes what the receiver says. When it breaks, what has
/// no result goes back to the run, and the next that is to be sent connects anew.
/// </summary>
internal sealed class SendConnection(SendSession session, int index)
{
    private const int StackSize = 256 * 1024;

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>How long the receiver may take to close its end.</summary>
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(5);

    private readonly object _gate = new();
    private readonly ReceiverFrames _frames = new(session);
    private Channel? _channel;
    private Thread? _reader;
    private TransferException? _lastError;
    private int _unanswered;
    private int _failures;
    private bool _closing;

    /// <summary>On which terms the receiver serves.</summary>
    internal Welcome Terms { get; private set; }

    /// <summary>The connection, made where there is none.</summary>
    /// <exception cref="TransferException">It could not be made, as often as it was to be tried.</exception>
    [MethodImpl(Compilation.AtOnce)]
    internal Channel Live(CancellationToken stop)
    {
        while (true)
        {
            lock (_gate)
            {
                if (_channel is not null)
                    return _channel;
            }

            Reconnect(stop);
        }
    }

    /// <summary>Makes the connection for the first time: what keeps it from being made is told at once.</summary>
    internal void ConnectFirst(CancellationToken stop)
    {
        lock (_gate)
        {
            if (_channel is not null)
                return;
            _failures = 0;
            _lastError = null;
        }

        _reader?.Join();
        Begin(session.Connect(index, out Welcome terms, stop), terms);
    }

    /// <summary>Waits until the receiver takes one more entry; false where the connection broke meanwhile.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal bool WaitForRoom(Channel channel, CancellationToken stop)
    {
        if (Volatile.Read(ref _unanswered) < Terms.MostUnanswered)
            return true;
        lock (channel.Writer)
            Flush(channel);
        using CancellationTokenRegistration wake = stop.Register(Wake);
        lock (_gate)
        {
            while (_unanswered >= Terms.MostUnanswered && ReferenceEquals(_channel, channel))
            {
                stop.ThrowIfCancellationRequested();
                Monitor.Wait(_gate);
            }

            return ReferenceEquals(_channel, channel);
        }
    }

    /// <summary>Sends what was gathered, where somebody is about to wait.</summary>
    internal void Flush()
    {
        Channel? channel;
        lock (_gate)
            channel = _channel;
        if (channel is null)
            return;
        lock (channel.Writer)
            Flush(channel);
    }

    /// <summary>
    /// Expects a result, before the frame is sent: it may come at once. False where the connection broke a moment ago, so that
    /// nobody would give it back.
    /// </summary>
    [MethodImpl(Compilation.AtOnce)]
    internal bool TryExpect(Channel channel, Pending pending)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_channel, channel))
                return false;
            Interlocked.Increment(ref _unanswered);
            session.Expect(pending);
            return true;
        }
    }

    /// <summary>The connection, tried once; null where it cannot be had now.</summary>
    internal Channel? TryLive(CancellationToken stop)
    {
        lock (_gate)
        {
            if (_channel is not null || _failures > 0)
                return _channel;
        }

        try
        {
            ConnectFirst(stop);
        }
        catch (TransferException e)
        {
            _lastError = e;
            _failures++;
        }

        lock (_gate)
            return _channel;
    }

    /// <summary>Takes note that an entry has its result; whoever waits for room is woken when half of it is free.</summary>
    internal void CountResult()
    {
        if (Interlocked.Decrement(ref _unanswered) == Terms.MostUnanswered / 2)
            Wake();
    }

    /// <summary>Ends the connection; the thread that reads gives back what has no result.</summary>
    internal void Abort()
    {
        lock (_gate)
            _channel?.Socket.Break();
    }

    internal void KeepAlive()
    {
        Channel? channel;
        lock (_gate)
            channel = _channel;
        channel?.KeepAlive();
    }

    /// <summary>Says goodbye, and closes.</summary>
    internal void Close()
    {
        Channel? channel;
        Thread? reader;
        lock (_gate)
        {
            _closing = true;
            (channel, reader) = (_channel, _reader);
        }

        if (channel is not null)
            SayGoodbye(channel);
        if (reader?.Join(GoodbyeTime) == false)
        {
            channel?.Socket.Abort();
            reader.Join();
        }
    }

    private static void SayGoodbye(Channel channel)
    {
        try
        {
            lock (channel.Writer)
            {
                channel.Writer.Put(FrameType.Goodbye, []);
                channel.Writer.Flush();
            }

            channel.Socket.EndSending();
        }
        catch (TransferException)
        {
            channel.Socket.Abort();
        }
    }

    private static void Flush(Channel channel)
    {
        try
        {
            channel.Writer.Flush();
        }
        catch (TransferException)
        {
            // The thread that reads finds out too, and gives back what was gathered.
            channel.Socket.Break();
        }
    }

    private void Wake()
    {
        lock (_gate)
            Monitor.PulseAll(_gate);
    }

    private void Begin(Channel channel, in Welcome terms)
    {
        lock (_gate)
        {
            Terms = terms;
            _channel = channel;
            _reader = new Thread(() => Read(channel), StackSize) { IsBackground = true, Name = "memtools results" };
            _reader.Start();
        }
    }

    private void Reconnect(CancellationToken stop)
    {
        // The end of the one before, when all that it had is given back.
        _reader?.Join();
        while (true)
        {
            if (_lastError is { } error && (_failures > session.Options.MaximumRetryCount || !SendSession.MayPass(error)))
                throw error;
            if (_failures > 0)
                Pause(stop);
            try
            {
                Begin(session.Connect(index, out Welcome terms, stop), terms);
                return;
            }
            catch (TransferException e)
            {
                _lastError = e;
                _failures++;
            }
        }
    }

    private void Pause(CancellationToken stop)
    {
        double factor = Math.Pow(2, Math.Min(_failures - 1, 16));
        TimeSpan pause = TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, session.Options.RetryInterval.TotalSeconds * factor));
        if (stop.WaitHandle.WaitOne(pause))
            stop.ThrowIfCancellationRequested();
    }

    /// <summary>Takes frames until the connection ends, then gives back what has no result.</summary>
    [MethodImpl(Compilation.AtOnce)]
    private void Read(Channel channel)
    {
        TransferException error;
        try
        {
            while (channel.Reader.Next())
            {
                // Progress: the count of failures without any begins anew.
                if (_frames.Take(channel.Reader))
                    _failures = 0;
            }

            error = new(ErrorKind.Disconnected, $"'{channel.Socket.Name}' closed the connection.");
        }
        catch (TransferException e)
        {
            error = e;
        }
        catch (Exception e)
        {
            // A mistake of this program ends a connection, not the process.
            error = new(ErrorKind.Disconnected, $"The connection to '{channel.Socket.Name}' broke off: {e.Message}", e);
        }

        channel.Socket.Break();
        channel.Dispose();
        lock (_gate)
        {
            _channel = null;
            if (_closing)
                return;
            _lastError = error;
            _failures++;
            Monitor.PulseAll(_gate);
        }

        foreach (Pending pending in session.TakeAll(this))
            pending.Lost();
    }
}
