using MemTools.Kernel;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer.Network.Receiving;

/// <summary>The directories that a session made and that have not got their own mode yet. For all its connections.</summary>
internal sealed class CreatedFolders
{
    private const int Most = 1_000_000;
    private const long MostBytes = 64 * 1024 * 1024;

    private readonly HashSet<NativeName> _paths = [];
    private long _bytes;

    internal void Add(ReadOnlySpan<byte> path)
    {
        lock (_paths)
        {
            if (_paths.Count >= Most || _bytes + path.Length > MostBytes)
                throw new TransferException(ErrorKind.LimitExceeded, $"The session made {_paths.Count} directories without finishing any of them.");
            if (_paths.Add(new(NativePath.From(path))))
                _bytes += path.Length;
        }
    }

    /// <summary>Whether this session made the directory; it is finished now.</summary>
    internal bool Remove(ReadOnlySpan<byte> path)
    {
        lock (_paths)
        {
            bool removed = _paths.Remove(new(NativePath.From(path)));
            if (removed)
                _bytes -= path.Length;
            return removed;
        }
    }
}
