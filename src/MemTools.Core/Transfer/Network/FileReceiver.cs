using MemTools.Kernel;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer.Network;

/// <summary>
/// Receives files and trees into one directory: what Receive-FileZeroCopy and <c>memtools receive</c> do. It listens from
/// <see cref="Start"/> on until it is stopped, disposed, or has received what it was to.
/// </summary>
public sealed class FileReceiver : IDisposable
{
    private readonly TransferKey? _key;

    /// <summary>Prepares a receiver.</summary>
    /// <param name="destination">The directory; it has to exist. A link is followed once, here.</param>
    /// <param name="key">The key that senders must have, or null where only loopback and Unix sockets are served; it is copied.</param>
    /// <param name="options">How to receive.</param>
    /// <exception cref="ArgumentException">Options contradict each other.</exception>
    /// <exception cref="MemToolsException">Misuse: an address that is not loopback, without a key.</exception>
    /// <exception cref="TransferException">The destination is missing or no directory.</exception>
    public FileReceiver(string destination, TransferKey? key, ReceiveOptions options)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Contradiction is { } contradiction)
            throw new ArgumentException(contradiction, nameof(options));
        Options = options;
        _key = key?.Copy();
    }

    /// <summary>How this receiver receives.</summary>
    public ReceiveOptions Options { get; }

    /// <summary>Where it listens; null before <see cref="Start"/>.</summary>
    public ConnectionString? ConnectionString { get; private set; }

    /// <summary>How far it is: entries and bytes received so far, from all senders together.</summary>
    public TreeProgress Progress => throw new NotImplementedException();

    /// <summary>Sessions that senders have ended with a goodbye so far.</summary>
    public int CompletedSessions { get; private set; }

    /// <summary>Connections that are open now.</summary>
    public int OpenConnections => 0;

    /// <summary>Begins to listen; returns at once.</summary>
    /// <exception cref="TransferException">The address or port cannot be had.</exception>
    public void Start() => throw new NotImplementedException();

    /// <summary>
    /// What became of the entries that senders brought, in no fixed order: results, errors, and warnings of peers that were
    /// refused. Ends when the receiver has ended. For one reader.
    /// </summary>
    /// <param name="turn">Called about ten times a second, for progress.</param>
    /// <exception cref="TransferException">TimedOut: nobody connected for <see cref="ReceiveOptions.WaitTime"/>.</exception>
    public IEnumerable<TreeOutcome> Outcomes(Action? turn = null) => throw new NotImplementedException();

    /// <summary>Asks it to end: no new connections, those that are open are closed, unfinished large files are kept for a later resume.</summary>
    public void Stop() => throw new NotImplementedException();

    /// <summary>Stops, and waits until everything is in order.</summary>
    public void Dispose() => _key?.Dispose();
}
