using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer;

/// <summary>
/// What the copies of one thread have in common: which methods and kinds of temporaries the file systems refuse, how
/// large a piece may be, what was written. Not for several threads.
/// </summary>
internal sealed class CopyContext : IDisposable
{
    private readonly HashSet<(ulong Device, ulong Inode)> _written = [];

    internal CopyContext(FileCopyOptions options)
    {
        Options = options;
        Chain = new MethodChain(options.Method);
    }

    internal FileCopyOptions Options { get; }

    /// <summary>Told at most ten times a second how far the current file is.</summary>
    internal Action<TransferProgress>? Progress { get; set; }

    /// <summary>Told in a sentence of every method that was passed over.</summary>
    internal Action<string>? Verbose { get; set; }

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

    /// <summary>Whether the file that stands at the entry was written here.</summary>
    internal bool HasWritten(DestinationEntry entry) =>
        entry.Exists && entry.Existing.IsRegular && _written.Contains((entry.Existing.Device, entry.Existing.Inode));

    internal void RememberWritten(in Statx file)
    {
        if (RemembersWritten)
            _written.Add((file.Device, file.Inode));
    }

    public void Dispose() => Chain.Dispose();
}
