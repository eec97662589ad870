using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer;

/// <summary>What the bytes are written into, and how it becomes the destination.</summary>
internal abstract class DestinationWriter : IDisposable
{
    /// <summary>Below this, running out of space costs less than asking beforehand.</summary>
    internal const long RoomCheckedFrom = 16 * 1024 * 1024;

    protected DestinationWriter(Descriptor file, NativePath path)
    {
        File = file;
        Path = path;
    }

    internal Descriptor File { get; }

    /// <summary>The destination's full path, for messages.</summary>
    internal NativePath Path { get; }

    /// <summary>Whether nobody would miss what is in it.</summary>
    internal abstract bool IsScratch { get; }

    /// <summary>Whether it has a length, holes and metadata.</summary>
    internal abstract bool IsRegular { get; }

    /// <summary>Whether it can be written at an offset.</summary>
    internal virtual bool HasPositions => true;

    /// <summary>The value of <see cref="FileTransferResult.Replacement"/>.</summary>
    internal abstract string Replacement { get; }

    /// <summary>The device of its file system.</summary>
    internal abstract ulong Device { get; }

    /// <summary>What the methods write to.</summary>
    internal virtual CopyEnd End => new(File, Path, HasPositions, CanBeCut: IsRegular);

    /// <summary>Bytes that will be freed when writing begins.</summary>
    protected virtual long Reusable => 0;

    /// <summary>What an error leaves behind, in a sentence without its point.</summary>
    /// <param name="touched">Whether bytes had arrived.</param>
    internal abstract string AfterFailure(bool touched);

    /// <summary>Makes what was written the destination.</summary>
    /// <param name="mayHoldBackErrors">Whether the file system may tell of a failed write only as the file is closed.</param>
    [MethodImpl(Compilation.AtOnce)]
    internal void Commit(bool mayHoldBackErrors)
    {
        if (mayHoldBackErrors)
            SystemCallException.Check(FileIO.Flush(File), "close", Path);
        PutInPlace();
    }

    /// <summary>Gives what was written the destination's name, where it has not got it.</summary>
    protected abstract void PutInPlace();

    /// <summary>Makes a range read as zeros where it could hold anything else.</summary>
    internal virtual void Clear(long offset, long length)
    {
    }

    /// <summary>Allocates the blocks of a range beforehand, where that makes writing it faster.</summary>
    internal virtual void Reserve(long offset, long length, CancellationToken stop)
    {
    }

    /// <summary>Sets the length, where the content does not.</summary>
    internal void SetLength(long length)
    {
        // Never for nothing: even where the length stays, XFS zeroes what lies behind the end, which takes the last block
        // of a clone apart from its source's.
        bool settled = !IsRegular || (FileMetadata.Status(File, out Statx now) == 0 && now.Length == length);
        if (!settled)
            SystemCallException.Check(FileIO.Truncate(File, length), "ftruncate", Path);
    }

    /// <summary>Bytes that a large copy lacks room for, where the file system can tell; else 0.</summary>
    internal long MissingRoom(long bytes)
    {
        if (bytes < RoomCheckedFrom || !IsRegular || FileMetadata.FileSystem(File, out StatFs system) < 0)
            return 0;
        return FreeSpace.CanTell(system) ? Math.Max(0, bytes - FreeSpace.Of(system) - Reusable) : 0;
    }

    /// <summary>The error for a copy that cannot fit, before any of it was written.</summary>
    internal TransferException NoRoom(long bytes, long missing)
    {
        SystemCallException inner = new("statfs", Errno.ENOSPC, Path.ToString());
        return new(
            ErrorKind.NoSpace,
            $"{inner.Message}; {bytes} bytes are needed, {bytes - missing} are free, room for {missing} more is missing.",
            inner)
        {
            BytesMissing = missing,
        };
    }

    public virtual void Dispose() => File.Dispose();
}
