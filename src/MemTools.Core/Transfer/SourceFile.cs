using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer;

/// <summary>An open source, and what can be known of it before it is read.</summary>
internal sealed class SourceFile : IDisposable
{
    /// <summary>The length of a source that only its end will tell: pipes, devices, files of /proc.</summary>
    internal const long UnknownLength = -1;

    private readonly Statx _status;
    private readonly bool _isStream;

    [MethodImpl(Compilation.AtOnce)]
    private SourceFile(Descriptor file, NativePath path, in Statx status)
    {
        File = file;
        Path = path;
        _status = status;
        HasPositions = status.IsRegular || status.IsBlockDevice;
        Length = MeasureLength();
        End = new(file, path, HasPositions, CanBeCut: false);
    }

    private SourceFile(CopyEnd stream, in Statx status)
    {
        End = stream;
        File = stream.File;
        Path = stream.Path;
        _status = status;
        Length = UnknownLength;
        _isStream = true;
    }

    internal Descriptor File { get; }

    internal NativePath Path { get; }

    /// <summary>The status when the source was opened.</summary>
    internal ref readonly Statx Status => ref _status;

    internal bool HasPositions { get; }

    internal long Length { get; }

    internal CopyEnd End { get; }

    /// <summary>A stream, which stays open and is read to its end.</summary>
    internal static SourceFile OfStream(CopyEnd stream, in Statx status) => new(stream, status);

    /// <summary>Opens a source; waits for a writer where it is a FIFO.</summary>
    internal static SourceFile Open(NativePath path, CancellationToken stop)
    {
        // O_NONBLOCK: the open of a FIFO would wait for a writer, deaf to any request to stop. Regular files ignore it.
        const int flags = OpenFlags.ReadOnly | OpenFlags.NonBlocking | OpenFlags.NoTerminal;
        Descriptor file = FileIO.Open(Descriptor.WorkingDirectory, path, flags);
        try
        {
            Statx status = FileMetadata.StatusOf(file, path);
            if (status.IsDirectory)
                throw new TransferException(ErrorKind.IsDirectory, $"'{path}' is a directory, and only files are copied; -Recurse copies trees.");
            if (status.Type == Statx.TypeFifo)
                Readiness.WaitToRead(file, stop);
            return new(file, path, status);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Opens a regular file by its name in an open directory; anything else that took its name is refused.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="name">The name in it.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <param name="follow">Whether the name may be a link to the file.</param>
    [MethodImpl(Compilation.AtOnce)]
    internal static SourceFile OpenRegular(Descriptor directory, NativePath name, NativePath path, bool follow)
    {
        int flags = OpenFlags.ReadOnly | OpenFlags.NonBlocking | OpenFlags.NoTerminal | (follow ? 0 : OpenFlags.NoFollow);
        long result = FileIO.TryOpen(directory, name, flags, 0, out Descriptor? file);
        if (KernelResult.ErrnoOf(result) == Errno.ENOENT)
            throw new TransferException(ErrorKind.NotFound, $"'{path}' vanished before it was copied.");
        if (KernelResult.ErrnoOf(result) == Errno.ELOOP)
            throw Replaced(path);
        SystemCallException.Check(result, "openat", path);
        try
        {
            Statx status = FileMetadata.StatusOf(file!, path);
            return status.IsRegular ? new(file!, path, status) : throw Replaced(path);
        }
        catch
        {
            file!.Dispose();
            throw;
        }
    }

    /// <summary>Closes the file; a stream is its owner's.</summary>
    public void Dispose()
    {
        if (!_isStream)
            File.Dispose();
    }

    private static TransferException Replaced(NativePath path) =>
        new(ErrorKind.Busy, $"'{path}' was replaced by something else during the walk: nothing of it was followed.");

    /// <summary>The part that the options name.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal ContentRange Range(FileCopyOptions options)
    {
        bool all = options.Offset == 0 && options.Length is null;
        return all && Length != UnknownLength ? new(0, Length, WholeFile: true) : RangeOf(options);
    }

    private ContentRange RangeOf(FileCopyOptions options)
    {
        if (options.Offset > 0 && !HasPositions)
            throw new TransferException(ErrorKind.Misuse, $"'{Path}' is a pipe or device without positions: -Offset cannot be used.");
        if (options.Verify == VerifyMode.Compare && !HasPositions)
        {
            throw new TransferException(
                ErrorKind.Misuse, $"'{Path}' is a pipe or device that cannot be read twice: use -Verify Sha256, not Compare.");
        }

        if (Length == UnknownLength)
            return new(options.Offset, options.Length ?? CopyRun.ToTheEnd, WholeFile: false);
        if (options.Offset > Length)
        {
            throw new TransferException(
                ErrorKind.Misuse, $"-Offset {options.Offset} lies past the end of '{Path}', which has {Length} bytes.");
        }

        long length = Math.Min(options.Length ?? long.MaxValue, Length - options.Offset);
        return new(options.Offset, length, WholeFile: length == Length);
    }

    [MethodImpl(Compilation.AtOnce)]
    private unsafe long MeasureLength()
    {
        if (!HasPositions)
            return UnknownLength;
        if (Status.IsBlockDevice)
            return SystemCallException.Check(FileIO.Seek(File, 0, FileCalls.SeekEnd), "lseek", Path);
        if (Status.Length > 0)
            return Status.Length;
        // Files of /proc and /sys say that they are empty and are not.
        byte probe;
        return FileIO.ReadAt(File, (nint)(&probe), 1, 0) == 0 ? 0 : UnknownLength;
    }
}

/// <summary>The bytes to copy.</summary>
/// <param name="Start">Offset of the first in the source.</param>
/// <param name="Length">How many, or <see cref="CopyRun.ToTheEnd"/>.</param>
/// <param name="WholeFile">Whether that is all of the source.</param>
internal readonly record struct ContentRange(long Start, long Length, bool WholeFile)
{
    internal bool KnowsItsLength => Length != CopyRun.ToTheEnd;
}
