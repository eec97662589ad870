using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer;

/// <summary>
/// A file to try things on that no directory shows: nameless (O_TMPFILE), or, where the file system has no such files,
/// created and unlinked at once. It is gone when it is closed, however the process ends.
/// </summary>
internal sealed class ScratchFile : IDisposable
{
    private const uint OwnerOnly = 0x180;
    private const int MostTries = 100;

    private ScratchFile(Descriptor file, NativePath directory, bool nameless)
    {
        File = file;
        Path = directory.Append(NativePath.From("(scratch)"u8));
        IsNameless = nameless;
    }

    internal Descriptor File { get; }

    /// <summary>What messages call it.</summary>
    internal NativePath Path { get; }

    /// <summary>Whether the file system made it without a name.</summary>
    internal bool IsNameless { get; }

    internal CopyEnd End => new(File, Path, HasPositions: true, CanBeCut: true);

    /// <summary>Makes one in a directory; a negative errno where that is not possible.</summary>
    internal static long TryCreate(NativePath directory, out ScratchFile? scratch)
    {
        scratch = null;
        const int openDirectory = OpenFlags.PathOnly;
        long result = FileIO.TryOpen(Descriptor.WorkingDirectory, directory, openDirectory | OpenFlags.Directory, 0, out Descriptor? folder);
        if (result < 0)
            return result;
        using (folder)
        {
            int nameless = OpenFlags.Nameless | OpenFlags.ReadWrite;
            if (FileIO.TryOpen(folder!, DestinationFolder.Itself, nameless, OwnerOnly, out Descriptor? file) >= 0)
                scratch = new(file!, directory, nameless: true);
            return scratch is not null ? 0 : TryCreateUnlinked(folder!, directory, out scratch);
        }
    }

    /// <summary>Makes one, or fails with the call and its errno.</summary>
    /// <exception cref="SystemCallException">No file can be made there.</exception>
    internal static ScratchFile Create(NativePath directory)
    {
        SystemCallException.Check(TryCreate(directory, out ScratchFile? scratch), "openat", directory);
        return scratch!;
    }

    public void Dispose() => File.Dispose();

    private static long TryCreateUnlinked(Descriptor folder, NativePath directory, out ScratchFile? scratch)
    {
        const int flags = OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Exclusive;
        scratch = null;
        for (int i = 0; i < MostTries; i++)
        {
            NativePath name = TemporaryName.For(NativePath.From("scratch"u8));
            long result = FileIO.TryOpen(folder, name, flags, OwnerOnly, out Descriptor? file);
            if (KernelResult.ErrnoOf(result) == Errno.EEXIST)
                continue;
            if (result < 0)
                return result;
            scratch = new(file!, directory, nameless: false);
            long removed = DirectoryEntries.Remove(folder, name);
            if (removed >= 0)
                return 0;
            scratch.Dispose();
            scratch = null;
            return removed;
        }

        return -(long)Errno.EEXIST;
    }
}
