using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using MemTools.Kernel;
using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Receiving;

/// <summary>A file whose content came with its entry: written, checked and put in its place.</summary>
internal sealed class SmallFile : IDisposable
{
    private readonly ReceivedEntry _entry;
    private readonly DestinationEntry _destination;
    private readonly TemporaryFile _file;
    private List<string>? _warnings;

    private SmallFile(ReceivedEntry entry, DestinationEntry destination, TemporaryFile file)
    {
        _entry = entry;
        _destination = destination;
        _file = file;
    }

    internal ReceivedEntry Entry => _entry;

    internal NativePath Path => _destination.Path;

    internal CopyEnd End => new(_file.File, _destination.Path, HasPositions: true, CanBeCut: true);

    /// <summary>Why something could not be kept, or nothing.</summary>
    internal List<string>? Warnings => _warnings;

    internal string Replacement => _file.Replacement;

    /// <summary>Makes the unfinished file.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal static SmallFile Create(ReceivedEntry entry, DestinationTree.Folder folder, CopyContext context, bool replace)
    {
        NativePath name = NativePath.From(entry.Path.Bytes[WirePath.NameStart(entry.Path.Bytes)..]);
        // Whether something has the name shows when the file takes it: most do not find anything, and need not ask.
        DestinationEntry destination = DestinationEntry.Unasked(folder.Directory, folder.Path, name);
        uint mode = ReceivedMetadata.CreationMode(entry);
        TemporaryFile? file = context.TriesNameless ? TemporaryFile.TryCreateNameless(destination, mode, replace, context) : null;
        if (file is null)
        {
            long result = TemporaryFile.TryCreate(destination, mode & 0x180, replace, out file);
            SystemCallException.Check(result, "openat", destination.Path);
            context.TriesNameless = false;
        }

        return new(entry, destination, file!);
    }

    /// <summary>Writes the content, where it is in memory.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal unsafe void Write(ReadOnlySpan<byte> content)
    {
        fixed (byte* start = content)
        {
            for (int done = 0; done < content.Length;)
            {
                long written = FileIO.Write(_file.File, (nint)(start + done), content.Length - done);
                done += (int)SystemCallException.Check(written, "write", Path);
            }
        }
    }

    /// <summary>Whether the file, read again, has the digest.</summary>
    internal bool HasDigest(ReadOnlySpan<byte> digest)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using ContentReader reader = new();
        _ = FollowingHash.Append(hash, reader, End, 0, _entry.Length);
        return CryptographicOperations.FixedTimeEquals(hash.GetHashAndReset(), digest);
    }

    /// <summary>Sets what the entry brought, and gives the file its name.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal void Commit(bool flush, CopyContext context)
    {
        ReceivedMetadata.Apply(_file.File, _entry, _file.Status.Mode, ref _warnings);
        if (flush)
            SystemCallException.Check(FileIO.Sync(_file.File), "fsync", Path);
        _file.Commit(context.MayHoldBackErrors(_file));
    }

    public void Dispose() => _file.Dispose();
}
