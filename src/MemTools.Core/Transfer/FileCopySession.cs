using MemTools.Kernel;

namespace MemTools.Transfer;

/// <summary>
/// Copies files to one destination: what Copy-FileZeroCopy and <c>memtools copy</c> do. What files have in common
/// (the open directory, the methods that are refused there, links made) is found out once. Not for several threads.
/// </summary>
public sealed class FileCopySession : IDisposable
{
    private readonly string _destination;
    private Dictionary<(ulong Device, ulong Inode), NativePath>? _linked;
    private readonly CopyContext _context;
    private DestinationFolder? _folder;
    private bool _disposed;

    /// <summary>Prepares a session; nothing is opened or created before the first copy.</summary>
    /// <param name="destination">
    /// Path of a file, or of a directory that gets a file of the source's name. A slash at its end asks for a directory.
    /// </param>
    /// <param name="options">How to copy.</param>
    /// <exception cref="ArgumentException">Options contradict each other, or the path cannot be one.</exception>
    public FileCopySession(string destination, FileCopyOptions options)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Contradiction is { } contradiction)
            throw new ArgumentException(contradiction, nameof(options));
        _ = NativePath.From(destination);
        _destination = destination;
        _context = new CopyContext(options);
    }

    /// <summary>How this session copies.</summary>
    public FileCopyOptions Options => _context.Options;

    /// <summary>Told at most ten times a second how far the current file is, on the thread that copies.</summary>
    public Action<TransferProgress>? Progress
    {
        get => _context.Progress;
        set => _context.Progress = value;
    }

    /// <summary>Told in a sentence of every method that was passed over, for -Verbose.</summary>
    public Action<string>? Verbose
    {
        get => _context.Verbose;
        set => _context.Verbose = value;
    }

    /// <summary>
    /// The call that the kernel will not interrupt and in which the copy is now, such as <c>fsync</c>; null outside.
    /// </summary>
    public string? UninterruptibleCall => _context.UninterruptibleCall;

    /// <summary>The destination that a stopped copy was writing in place and has left incomplete, or null.</summary>
    public string? LeftIncomplete => _context.LeftIncomplete;

    /// <summary>Follow every copy piece by piece, before the session's own observers do.</summary>
    internal IReadOnlyList<IPieceObserver> Observers
    {
        get => _context.Observers;
        set => _context.Observers = value;
    }

    internal PieceSize Pieces => _context.Pieces;

    /// <summary>Whether the destination's file system takes nameless temporaries; learnt with the first.</summary>
    internal bool TriesNameless
    {
        get => _context.TriesNameless;
        set => _context.TriesNameless = value;
    }

    /// <summary>Copies one file.</summary>
    /// <param name="source">Its path: absolute, or relative to the working directory of the process.</param>
    /// <param name="stop">Stops the copy; the destination is then as it was, and no temporary remains.</param>
    /// <exception cref="TransferException">It was not copied.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="ObjectDisposedException">The session has been disposed.</exception>
    public FileTransferResult Copy(string source, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ObjectDisposedException.ThrowIf(_disposed, this);
        NativePath path;
        try
        {
            path = NativePath.From(source);
        }
        catch (ArgumentException e)
        {
            throw new TransferException(ErrorKind.Misuse, e.Message, e);
        }

        try
        {
            // What the caller did since the last file is no part of this one.
            _context.Mark = null;
            return Copy(new FileCopyTask(_context, path, stop), path, stop);
        }
        catch (SystemCallException e)
        {
            throw Describe(e, source);
        }
    }

    /// <summary>Releases the directory, buffers and pipes.</summary>
    public void Dispose()
    {
        _disposed = true;
        _folder?.Dispose();
        _context.Dispose();
    }

    private FileTransferResult Copy(FileCopyTask task, NativePath path, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        using SourceFile source = SourceFile.Open(path, stop);
        DestinationEntry entry = EntryFor(source);
        DestinationRules.Check(source, entry, _context);
        (ulong, ulong) inode = (source.Status.Device, source.Status.Inode);
        bool linksKept = Options.Preserve.HasFlag(PreserveItems.HardLinks);
        if (linksKept && _linked is not null && _linked.TryGetValue(inode, out NativePath first))
            return task.Link(source, entry, entry.Directory, first);
        FileTransferResult result = task.Copy(source, entry);
        if (source.Status.LinkCount > 1)
            (_linked ??= []).TryAdd(inode, entry.Name);
        return result;
    }

    /// <summary>The entry that a source becomes; opens the directory, and sweeps it, at the first.</summary>
    private DestinationEntry EntryFor(SourceFile source)
    {
        if (_folder is null)
        {
            _folder = DestinationFolder.Open(_destination, Options.Force);
            LeftoverSweeper.Sweep(_folder.Directory, source.Status);
        }

        return _folder.Entry(source.Path.Name);
    }

    internal static TransferException Describe(SystemCallException e, string source)
    {
        // .NET decodes bytes that are not UTF-8 to U+FFFD, so the name that comes back is another one.
        bool lostName = e.Kind == ErrorKind.NotFound && source.Contains('\uFFFD', StringComparison.Ordinal);
        return lostName ? LostName(source, e) : new(e.Kind, e.Message + ".", e);
    }

    internal static TransferException LostName(string source, Exception? inner) => new(
        ErrorKind.NameNotUtf8,
        $"'{source}' cannot be opened: its name holds bytes that are not UTF-8, which .NET replaced by U+FFFD. Rename the file first.",
        inner);
}
