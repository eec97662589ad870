using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Receiving;

/// <summary>What one sender brings, on one connection or several.</summary>
internal sealed class ReceiveSession
{
    private readonly object _gate = new();
    private readonly Dictionary<int, ReceiveConnection> _connections = [];
    private readonly Dictionary<uint, RangedFile> _files = [];
    private long _entries;
    private long _bytes;

    internal CreatedFolders Created { get; } = new();

    /// <summary>Adds a connection; the one that has its index already, or null.</summary>
    internal ReceiveConnection? TryAdd(int index, ReceiveConnection connection)
    {
        lock (_gate)
        {
            if (_connections.TryGetValue(index, out ReceiveConnection? older))
                return older;
            _connections.Add(index, connection);
            return null;
        }
    }

    /// <summary>Removes a connection; true where that was the last.</summary>
    internal bool Remove(int index)
    {
        lock (_gate)
        {
            _connections.Remove(index);
            return _connections.Count == 0;
        }
    }

    /// <summary>Counts an entry and its bytes against the session's limits.</summary>
    /// <exception cref="TransferException">LimitExceeded.</exception>
    [MethodImpl(Compilation.AtOnce)]
    internal void Count(in Entry entry, ReceiveOptions options)
    {
        if (entry.Length > (options.MaximumSize ?? long.MaxValue))
            throw new TransferException(ErrorKind.LimitExceeded, $"'{WirePath.Show(entry.Path)}' has {entry.Length} bytes, and the receiver takes files of at most {options.MaximumSize}.");
        lock (_gate)
        {
            if (_entries >= options.MaximumEntries)
                throw new TransferException(ErrorKind.LimitExceeded, $"The receiver takes at most {options.MaximumEntries} entries from one sender.");
            if (entry.Length > (options.MaximumSessionSize ?? long.MaxValue) - _bytes)
                throw new TransferException(ErrorKind.LimitExceeded, $"The receiver takes at most {options.MaximumSessionSize} bytes from one sender.");
            _entries++;
            _bytes += entry.Length;
        }
    }

    /// <summary>Makes an offered file known to all connections.</summary>
    internal void Add(RangedFile file)
    {
        lock (_gate)
        {
            if (_files.Count >= WireLimits.MostOffered)
                throw new TransferException(ErrorKind.LimitExceeded, $"More than {WireLimits.MostOffered} files were offered at once.");
            if (!_files.TryAdd(file.Id, file))
                throw Violation.Of($"the id {file.Id} is in use");
        }
    }

    internal RangedFile? Find(uint id)
    {
        lock (_gate)
            return _files.GetValueOrDefault(id);
    }

    internal void Remove(RangedFile file)
    {
        lock (_gate)
        {
            // One that was refused because its id is in use must not take the other's place with it.
            if (ReferenceEquals(_files.GetValueOrDefault(file.Id), file))
                _files.Remove(file.Id);
        }
    }

    /// <summary>The files that a connection offered.</summary>
    internal List<RangedFile> FilesOf(ReceiveConnection connection)
    {
        lock (_gate)
            return [.. _files.Values.Where(file => ReferenceEquals(file.Owner, connection))];
    }
}
