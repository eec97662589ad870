using System.Diagnostics;
using System.Net.Sockets;
using MemTools.Kernel;
using MemTools.Transfer.Network.Connections;
using MemTools.Transfer.Network.Receiving;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer.Network;

/// <summary>
/// Receives files and trees into one directory: what Receive-FileZeroCopy and <c>memtools receive</c> do. It listens from
/// <see cref="Start"/> on until it is stopped, disposed, or has received what it was to.
/// </summary>
public sealed class FileReceiver : IDisposable
{
    private const int StackSize = 256 * 1024;

    /// <summary>Connections that have not proved anything yet; the oldest goes when there are more.</summary>
    private const int MostUnproven = 128;

    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(100);

    private readonly TransferKey? _key;
    private readonly ReceiveHub _hub;
    private readonly CancellationTokenSource _stop = new();
    private readonly object _gate = new();
    private readonly HashSet<ReceiveConnection> _connections = [];
    private readonly Thread _thread;
    private Listening? _listening;
    private TransferException? _failure;
    private long _alone = Stopwatch.GetTimestamp();
    private bool _disposed;

    /// <summary>Prepares a receiver.</summary>
    /// <param name="destination">The directory; it has to exist. A link is followed once, here.</param>
    /// <param name="key">The key that senders must have, or null where only loopback and Unix sockets are served; it is copied.</param>
    /// <param name="options">How to receive.</param>
    /// <exception cref="ArgumentException">Options contradict each other.</exception>
    /// <exception cref="TransferException">The destination is missing or no directory, or the kernel is too old.</exception>
    public FileReceiver(string destination, TransferKey? key, ReceiveOptions options)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Contradiction is { } contradiction)
            throw new ArgumentException(contradiction);
        Options = options;
        _key = key?.Copy();
        _hub = new(destination, _key, options) { Stop = _stop.Token };
        _thread = new Thread(Listen, StackSize) { IsBackground = true, Name = "memtools listen" };
    }

    /// <summary>How this receiver receives.</summary>
    public ReceiveOptions Options { get; }

    /// <summary>Where it listens; null before <see cref="Start"/>.</summary>
    public ConnectionString? ConnectionString => _listening?.ConnectionString;

    /// <summary>How far it is: entries and bytes received so far, from all senders together.</summary>
    public TreeProgress Progress => _hub.Totals.Snapshot();

    /// <summary>Sessions that senders have ended with a goodbye so far.</summary>
    public int CompletedSessions => _hub.Sessions.Completed;

    /// <summary>Connections that are open now, those that have proved nothing yet among them.</summary>
    public int OpenConnections
    {
        get
        {
            lock (_gate)
                return _connections.Count;
        }
    }

    /// <summary>Begins to listen; returns at once.</summary>
    /// <exception cref="TransferException">The address or port cannot be had, or takes a key that there is not (Misuse).</exception>
    public void Start()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_listening is not null)
            throw new InvalidOperationException("The receiver has been started.");
        // A write past RLIMIT_FSIZE is to be an error of one file.
        Interruption.SurviveSizeLimit();
        _listening = Listening.Begin(Options, _key is not null);
        _alone = Stopwatch.GetTimestamp();
        _thread.Start();
    }

    /// <summary>
    /// What became of the entries that senders brought, in no fixed order: results, errors, and warnings of peers that were
    /// refused. Ends when the receiver has ended. For one reader: senders wait for it where it is slow.
    /// </summary>
    /// <param name="turn">Called about ten times a second, for progress.</param>
    /// <exception cref="TransferException">TimedOut: nobody connected for <see cref="ReceiveOptions.WaitTime"/>.</exception>
    public IEnumerable<TreeOutcome> Outcomes(Action? turn = null)
    {
        while (_hub.Results.Take(Turn) is { } ready)
        {
            foreach (TreeOutcome outcome in ready)
                yield return outcome;
            turn?.Invoke();
        }

        if (_failure is not null)
            throw _failure;
    }

    /// <summary>Asks it to end: no new connections, those that are open are closed, unfinished large files are kept for a later resume.</summary>
    public void Stop()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended.
        }
    }

    /// <summary>Stops, and waits until everything is in order.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Stop();
        _hub.Results.End();
        if (_listening is not null)
            _thread.Join();
        _stop.Dispose();
        _hub.Dispose();
        _key?.Dispose();
    }

    private void Listen()
    {
        try
        {
            using Timer alive = new(_ => KeepAlive(), null, Wire.WireLimits.AliveAfter, Wire.WireLimits.AliveAfter);
            while (!IsOver())
            {
                if (_listening!.Accept() is { } socket)
                    Serve(socket);
            }
        }
        catch (Exception e)
        {
            _failure ??= e as TransferException ?? new(ErrorKind.SystemCallFailed, $"The receiver cannot listen any more: {e.Message}", e);
        }
        finally
        {
            _listening!.Dispose();
            EndConnections();
            _hub.Results.End();
        }
    }

    private bool IsOver()
    {
        if (_stop.IsCancellationRequested || (Options.SessionCount > 0 && CompletedSessions >= Options.SessionCount))
            return true;
        lock (_gate)
        {
            if (_connections.Count > 0 || Options.WaitTime is not { } time || Stopwatch.GetElapsedTime(_alone) < time)
                return false;
        }

        _failure = new(ErrorKind.TimedOut, $"Nobody connected for {Options.WaitTime!.Value.TotalSeconds:0} seconds.");
        return true;
    }

    private void Serve(Socket socket)
    {
        ReceiveConnection? connection = null;
        try
        {
            connection = new(_hub, new PeerSocket(socket), Ended);
            lock (_gate)
            {
                if (_connections.Count(one => one.IsUnproved) >= MostUnproven)
                    _connections.Where(one => one.IsUnproved).MinBy(one => one.Accepted)!.Abort();
                _connections.Add(connection);
            }

            connection.Start();
        }
        catch (Exception e) when (e is SocketException or OutOfMemoryException or SystemCallException or ObjectDisposedException)
        {
            // The peer went away before it was looked at, or there is no room for it: others are served on.
            socket.Dispose();
            if (connection is null)
                return;
            connection.Dispose();
            Ended(connection);
        }
    }

    private void Ended(ReceiveConnection connection)
    {
        if (connection.WasAdmitted)
            _hub.Release();
        lock (_gate)
        {
            _connections.Remove(connection);
            if (_connections.Count == 0)
                _alone = Stopwatch.GetTimestamp();
            Monitor.PulseAll(_gate);
        }
    }

    private void KeepAlive()
    {
        ReceiveConnection[] connections;
        lock (_gate)
            connections = [.. _connections];
        foreach (ReceiveConnection connection in connections)
            connection.KeepAlive();
    }

    private void EndConnections()
    {
        // Those that wait for a reader of outcomes wait no longer.
        if (_stop.IsCancellationRequested)
            _hub.Results.End();
        lock (_gate)
        {
            foreach (ReceiveConnection connection in _connections)
                connection.Abort();
            while (_connections.Count > 0)
                Monitor.Wait(_gate);
        }
    }
}
