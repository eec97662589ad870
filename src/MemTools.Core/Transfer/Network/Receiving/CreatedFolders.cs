using MemTools.Kernel;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer.Network.Receiving;

/// <summary>The directories that a session made and that have not got their own mode yet. For all its connections.</summary>
internal sealed class CreatedFolders
{
    private const int Most = 1_000_000;

    private readonly HashSet<NativeName> _paths = [];

    internal void Add(ReadOnlySpan<byte> path)
    {
        lock (_paths)
        {
            if (_paths.Count >= Most)
                throw new TransferException(ErrorKind.LimitExceeded, $"The session made {Most} directories without finishing any of them.");
            _paths.Add(new(NativePath.From(path)));
        }
    }

    /// <summary>Whether this session made the directory; it is finished now.</summary>
    internal bool Remove(ReadOnlySpan<byte> path)
    {
        lock (_paths)
            return _paths.Remove(new(NativePath.From(path)));
    }
}
