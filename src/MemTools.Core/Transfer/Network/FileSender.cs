using MemTools.Kernel;
using MemTools.Transfer.Network.Sending;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer.Network;

/// <summary>
/// Sends files and trees to one receiver: what Send-FileZeroCopy and <c>memtools send</c> do. The connections are made with
/// the first transfer and serve all later ones. Not for several threads; each transfer works with threads of its own.
/// </summary>
public sealed class FileSender : IDisposable
{
    private readonly TransferKey? _key;
    private SendSession? _session;
    private bool _disposed;

    /// <summary>Prepares a sender; nothing is connected before the first transfer.</summary>
    /// <param name="target">Where the receiver listens.</param>
    /// <param name="key">The key that both ends share, or null; it is copied.</param>
    /// <param name="options">How to send.</param>
    /// <exception cref="ArgumentException">Options contradict each other, or a pattern is none.</exception>
    /// <exception cref="MemToolsException">AuthenticationFailed: the connection string says that a key is wanted, and none was given.</exception>
    public FileSender(ConnectionString target, TransferKey? key, SendOptions options)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Contradiction is { } contradiction)
            throw new ArgumentException(contradiction);
        _ = new TreeFilter(options.Tree);
        if (target.NeedsKey == true && key is null)
        {
            throw new MemToolsException(
                ErrorKind.AuthenticationFailed, "The connection string says that the receiver wants a key: give it by -KeyPath, -Key or MEMTOOLS_KEY.");
        }

        Target = target;
        Options = options;
        _key = key?.Copy();
    }

    /// <summary>Where this sender sends to.</summary>
    public ConnectionString Target { get; }

    /// <summary>How this sender sends.</summary>
    public SendOptions Options { get; }

    /// <summary>Whether outcomes tell what -Verbose shows.</summary>
    public bool WantsVerbose { get; init; }

    /// <summary>
    /// Begins to send files and trees, each under its own name. What became of the items is read from the answer, as with
    /// <see cref="TreeCopySession.Copy"/>; disposing it stops what is still at work.
    /// </summary>
    /// <param name="sources">Paths. Links on the way are followed; a slash at the end follows a link itself.</param>
    /// <param name="idle">Called once, on some thread, when the transfer has ended and everything is in order.</param>
    /// <param name="stop">Stops the transfer.</param>
    /// <exception cref="TransferException">It cannot begin: the receiver is not to be reached (Unreachable), or the keys differ (AuthenticationFailed). A source that is missing is an outcome.</exception>
    /// <exception cref="OperationCanceledException">Stopped while it connected.</exception>
    public TreeTransfer Send(IReadOnlyList<string> sources, Action? idle = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ObjectDisposedException.ThrowIf(_disposed, this);
        _session ??= new(Target, _key, Options);
        SendRun policy = new(_session);
        SendSession session = _session;
        TreeRun run = new(Options.Tree, policy, idle: null, stop) { WantsVerbose = WantsVerbose };
        policy.Run = run;
        // A worker may be waiting for a receiver that takes nothing more: it hears of the stop by its connection's end.
        CancellationTokenRegistration aborting = run.Stop.Register(session.Abort);
        run.WhenEnded = () =>
        {
            aborting.Dispose();
            // Once more, for a connection that was being made meanwhile.
            if (run.Stop.IsCancellationRequested)
                session.Abort();
            idle?.Invoke();
        };
        SourceRoots roots = new(run, Options.Symlink == SymlinkMode.Follow);
        try
        {
            foreach (string source in sources)
                roots.Add(source);
            policy.HasOneSource = sources.Count == 1;
            session.Connections[0].ConnectFirst(stop);
            run.Start(roots.All);
            return new(run, roots, policy);
        }
        catch
        {
            run.Dispose();
            roots.Dispose();
            policy.Dispose();
            throw;
        }
    }

    /// <summary>Says goodbye to the receiver and closes the connections.</summary>
    public void Dispose()
    {
        _disposed = true;
        _session?.Dispose();
        _key?.Dispose();
    }
}
