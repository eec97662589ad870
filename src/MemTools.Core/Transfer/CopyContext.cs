using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer;

/// <summary>
/// What the copies of one thread have in common: which methods and kinds of temporaries the file systems refuse, how
/// large a piece may be, what was written. Not for several threads.
/// </summary>
internal sealed class CopyContext : IDisposable
{
    /// <summary>Apart from the others, so that a single copy need not compile a set of them.</summary>
    private (ulong Device, ulong Inode)? _firstWritten;
    private HashSet<(ulong Device, ulong Inode)>? _otherWritten;
    private (ulong Device, bool MayHoldBack)? _closing;
    private (Descriptor? Directory, uint Mode, FileStatus Status) _made = (null, 0, FileStatus.None);
    private Descriptor? _asked;
    private bool _givesLists;

    /// <param name="options">What the user asked for.</param>
    /// <param name="autoOrder">What Auto tries; null for the order that suits files.</param>
    internal CopyContext(FileCopyOptions options, CopyMethod[]? autoOrder = null)
    {
        Options = options;
        Chain = new MethodChain(options.Method, autoOrder);
    }

    internal FileCopyOptions Options { get; }

    /// <summary>The value of <see cref="FileTransferResult.Status"/> where content was copied.</summary>
    internal string StatusWhenDone { get; init; } = "Copied";

    /// <summary>Told at most ten times a second how far the current file is.</summary>
    internal Action<TransferProgress>? Progress { get; set; }

    /// <summary>Told in a sentence of every method that was passed over.</summary>
    internal Action<string>? Verbose { get; set; }

    /// <summary>
    /// When the file before was done, and what its thread had used by then; null where something else was done since.
    /// A file that is taken up straight after another begins there, which spares a call.
    /// </summary>
    internal (long Time, ThreadUsage Usage)? Mark { get; set; }

    /// <summary>The call in which the copy is now and which the kernel will not interrupt, or null.</summary>
    internal string? UninterruptibleCall { get; set; }

    /// <summary>The destination that a stopped copy was writing in place and has left incomplete, or null.</summary>
    internal string? LeftIncomplete { get; set; }

    internal MethodChain Chain { get; }

    /// <summary>Follow every copy piece by piece, before the copy's own observers do.</summary>
    internal IReadOnlyList<IPieceObserver> Observers { get; set; } = [];

    internal PieceSize Pieces { get; init; } = new();

    /// <summary>Whether the destination's file system takes nameless temporaries; learnt with the first.</summary>
    internal bool TriesNameless { get; set; } = true;

    /// <summary>Whether what was written is remembered, so that nothing else of the same run overwrites it.</summary>
    internal bool RemembersWritten { get; init; } = true;

    /// <summary>Whether an error of writing may show only as the file is closed (NFS, FUSE); asked once a device.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal bool MayHoldBackErrors(DestinationWriter writer)
    {
        if (_closing is not { } known || known.Device != writer.Device)
            _closing = known = (writer.Device, !LocalFileSystem.Holds(writer.File));
        return known.MayHoldBack;
    }

    /// <summary>
    /// The status of a new file: asked for, or that of the file that was made before it in the same way in the same
    /// directory, where that is one that this run made and that nobody else changes. A negative errno where it cannot be had.
    /// </summary>
    [MethodImpl(Compilation.AtOnce)]
    internal long TryStatusOfNew(Descriptor file, DestinationEntry entry, uint mode, out FileStatus status)
    {
        bool mayBeKnown = (entry.MustBeNew || entry.IsUnasked) && !RemembersWritten;
        status = _made.Status;
        if (mayBeKnown && ReferenceEquals(_made.Directory, entry.Directory) && _made.Mode == mode)
            return 0;
        long result = FileMetadata.Status(file, out Statx asked);
        status = new(asked);
        if (result >= 0 && mayBeKnown)
            _made = (entry.Directory, mode, status);
        return result;
    }

    /// <summary>
    /// Whether new files of a directory are given an access control list by it, or may be; asked once for the files
    /// that are copied into it one after another.
    /// </summary>
    [MethodImpl(Compilation.AtOnce)]
    internal bool GivesLists(Descriptor directory)
    {
        if (!ReferenceEquals(_asked, directory))
        {
            _asked = directory;
            _givesLists = ExtendedAttributes.MayHave(directory, ExtendedAttributes.DefaultAccessControlList);
        }

        return _givesLists;
    }

    /// <summary>Whether the file that stands at the entry was written here.</summary>
    internal bool HasWritten(DestinationEntry entry) =>
        entry.Exists && entry.Existing.IsRegular && HasWritten((entry.Existing.Device, entry.Existing.Inode));

    internal void RememberWritten(in Statx file)
    {
        if (!RemembersWritten)
            return;
        if (_firstWritten is null)
            _firstWritten = (file.Device, file.Inode);
        else
            RememberAnother((file.Device, file.Inode));
    }

    private bool HasWritten((ulong, ulong) inode) => _firstWritten == inode || _otherWritten?.Contains(inode) == true;

    private void RememberAnother((ulong, ulong) inode) => (_otherWritten ??= []).Add(inode);

    public void Dispose() => Chain.Dispose();
}
