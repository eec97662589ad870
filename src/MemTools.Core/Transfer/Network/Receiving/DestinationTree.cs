using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Network.Receiving;

/// <summary>
/// The destination as one connection sees it: directories below the root, opened by openat2(2) and kept open for the next entry.
/// For one thread.
/// </summary>
internal sealed class DestinationTree : IDisposable
{
    private const int MostOpen = 16;
    private const uint OwnerOnly = 0x1C0;

    private readonly ReceiveRoot _root;
    private readonly List<Folder> _open = [];

    internal DestinationTree(ReceiveRoot root) => _root = root;

    /// <summary>An open directory of the destination.</summary>
    /// <param name="Relative">Its path below the root; empty for the root.</param>
    /// <param name="Directory">Open by path alone (O_PATH).</param>
    /// <param name="Path">Its full path, for messages and results.</param>
    internal sealed record Folder(byte[] Relative, Descriptor Directory, NativePath Path);

    /// <summary>The directory in which a path stands, made where it is missing.</summary>
    /// <param name="path">A path that <see cref="WirePath.Check"/> let pass.</param>
    /// <param name="created">Takes note of directories that are made.</param>
    [MethodImpl(Compilation.AtOnce)]
    internal Folder FolderOf(ReadOnlySpan<byte> path, CreatedFolders created)
    {
        int name = WirePath.NameStart(path);
        return Open(name == 0 ? default : path[..(name - 1)], created);
    }

    /// <summary>A directory, made where it is missing. Stays this object's to close, at the latest with the next but some.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal Folder Open(ReadOnlySpan<byte> relative, CreatedFolders created)
    {
        if (relative.IsEmpty)
            return _root.Folder;
        for (int i = _open.Count - 1; i >= 0; i--)
        {
            if (_open[i].Relative.AsSpan().SequenceEqual(relative))
                return _open[i];
        }

        NativePath path = NativePath.From(relative);
        long result = TryOpen(path, OpenFlags.PathOnly | OpenFlags.Directory, out Descriptor? directory);
        if (KernelResult.ErrnoOf(result) == Errno.ENOENT)
        {
            Make(relative, created);
            result = TryOpen(path, OpenFlags.PathOnly | OpenFlags.Directory, out directory);
        }

        Check(result, path);
        return Remember(new(relative.ToArray(), directory!, _root.Path.Append(path)));
    }

    /// <summary>Opens a directory itself, to set what it has besides its entries. The caller's to close.</summary>
    internal Descriptor OpenForMetadata(ReadOnlySpan<byte> relative)
    {
        NativePath path = NativePath.From(relative);
        Check(TryOpen(path, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NonBlocking, out Descriptor? directory), path);
        return directory!;
    }

    /// <summary>A descriptor of a directory of its own, for whoever keeps it longer.</summary>
    internal Descriptor Duplicate(Folder folder)
    {
        NativePath path = folder.Relative.Length == 0 ? DestinationFolder.Itself : NativePath.From(folder.Relative);
        Check(TryOpen(path, OpenFlags.PathOnly | OpenFlags.Directory, out Descriptor? directory), path);
        return directory!;
    }

    /// <summary>Forgets directories that are open: one was removed or moved meanwhile.</summary>
    internal void Forget()
    {
        foreach (Folder folder in _open)
            folder.Directory.Dispose();
        _open.Clear();
    }

    public void Dispose() => Forget();

    private long TryOpen(NativePath path, int flags, out Descriptor? directory) =>
        BeneathOpen.TryOpen(_root.Folder.Directory, path, flags, out directory);

    private void Make(ReadOnlySpan<byte> relative, CreatedFolders created)
    {
        int name = WirePath.NameStart(relative);
        Folder above = FolderOf(relative, created);
        long made = DirectoryEntries.Make(above.Directory, NativePath.From(relative[name..]), OwnerOnly);
        if (made >= 0)
            created.Add(relative);
        else if (KernelResult.ErrnoOf(made) != Errno.EEXIST)
            SystemCallException.Check(made, "mkdirat", _root.Path.Append(NativePath.From(relative)));
    }

    private Folder Remember(Folder folder)
    {
        if (_open.Count == MostOpen)
        {
            _open[0].Directory.Dispose();
            _open.RemoveAt(0);
        }

        _open.Add(folder);
        return folder;
    }

    private void Check(long result, NativePath path)
    {
        switch (KernelResult.ErrnoOf(result))
        {
            case Errno.ELOOP or Errno.EXDEV:
                throw new TransferException(
                    ErrorKind.NameRefused, $"'{path}' was refused: a symbolic link stands in the way, and none of the destination is followed.");
            case Errno.ENOTDIR:
                throw new TransferException(ErrorKind.NotDirectory, $"'{_root.Path.Append(path)}' is a file, and a directory is wanted there.");
            default:
                SystemCallException.Check(result, "openat2", _root.Path.Append(path));
                break;
        }
    }
}
