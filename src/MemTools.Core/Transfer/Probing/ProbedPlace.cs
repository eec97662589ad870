using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Probing;

/// <summary>
/// A path that was asked about, and what can be tried there: a scratch file on its file system, else, for reading
/// alone, the file itself.
/// </summary>
internal sealed class ProbedPlace : IDisposable
{
    /// <summary>Enough for any method to have to do its work, and a multiple of every block size.</summary>
    internal const int Length = 64 * 1024;

    private ProbedPlace(NativePath path, Descriptor own, Statx status)
    {
        Path = path;
        Own = own;
        Status = status;
        FileSystem = MountTable.TypeOf(own);
    }

    internal NativePath Path { get; }

    /// <summary>What the path names, open for reading.</summary>
    internal Descriptor Own { get; }

    internal string? FileSystem { get; }

    /// <summary>A file of 64 KiB that can be written; null where none could be made.</summary>
    internal ScratchFile? Scratch { get; private set; }

    /// <summary>Why there is no scratch file.</summary>
    internal Errno ScratchErrno { get; private set; }

    /// <summary>Something to read from: the scratch file, or the file that the path names; null where there is neither.</summary>
    internal CopyEnd? Source =>
        Scratch is { } scratch ? scratch.End
        : Status.IsRegular ? new CopyEnd(Own, Path, HasPositions: true, CanBeCut: false)
        : null;

    /// <summary>The directory in which scratch files are made.</summary>
    internal NativePath Folder => Status.IsDirectory ? Path : Path.Parent;

    private Statx Status { get; }

    /// <summary>Opens what a path names. A path that does not exist yet stands for the directory that it would be in.</summary>
    /// <exception cref="SystemCallException">It cannot be opened for reading.</exception>
    internal static ProbedPlace Open(NativePath path, bool mayBeNew = false)
    {
        // O_NONBLOCK: the open of a FIFO would wait for a writer.
        const int flags = OpenFlags.ReadOnly | OpenFlags.NonBlocking | OpenFlags.NoTerminal;
        long result = FileIO.TryOpen(Descriptor.WorkingDirectory, path, flags, 0, out Descriptor? own);
        if (mayBeNew && KernelResult.ErrnoOf(result) == Errno.ENOENT)
        {
            path = path.Parent;
            result = FileIO.TryOpen(Descriptor.WorkingDirectory, path, flags, 0, out own);
        }

        SystemCallException.Check(result, "openat", path);
        try
        {
            ProbedPlace place = new(path, own!, FileMetadata.StatusOf(own!, path));
            place.MakeScratch();
            return place;
        }
        catch
        {
            own!.Dispose();
            throw;
        }
    }

    /// <summary>Another scratch file of the same place, empty, to copy to.</summary>
    internal ScratchFile? Another() => ScratchFile.TryCreate(Folder, out ScratchFile? another) < 0 ? null : another;

    /// <summary>The directory, open, and the name in it that the path stands for.</summary>
    internal NativePath FolderOrName(out Descriptor directory)
    {
        directory = FileIO.Open(Descriptor.WorkingDirectory, Folder, OpenFlags.PathOnly | OpenFlags.Directory);
        return Status.IsDirectory ? DestinationFolder.Itself : Path.Name;
    }

    public void Dispose()
    {
        Scratch?.Dispose();
        Own.Dispose();
    }

    private void MakeScratch()
    {
        long made = ScratchFile.TryCreate(Folder, out ScratchFile? scratch);
        if (made >= 0 && !IsOnSameFileSystem(scratch!))
            made = -(long)Errno.EXDEV;
        else if (made >= 0)
            made = Fill(scratch!);
        if (made >= 0)
            Scratch = scratch;
        else
            scratch?.Dispose();
        ScratchErrno = KernelResult.ErrnoOf(made);
    }

    /// <summary>A file can be on another file system than its directory: one that something is mounted on.</summary>
    private bool IsOnSameFileSystem(ScratchFile scratch) =>
        FileMetadata.Status(scratch.File, out Statx status) >= 0 && (Status.IsDirectory || status.Device == Status.Device);

    private static long Fill(ScratchFile scratch)
    {
        using Mapping zeros = Mapping.Memory(Length);
        long written = FileIO.WriteAt(scratch.File, zeros.Address, Length, 0);
        return written is >= 0 and < Length ? -(long)Errno.ENOSPC : written;
    }
}
