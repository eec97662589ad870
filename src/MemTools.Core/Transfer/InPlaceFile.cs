using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer;

/// <summary>
/// An existing destination that is written where it is: it keeps its links, its mount and all that renaming would
/// change, and while the copy runs it is neither old nor new. Nothing is changed before the first bytes arrive.
/// </summary>
internal sealed class InPlaceFile : DestinationWriter
{
    private const int ZeroBufferSize = 64 * 1024;

    private static readonly TimeSpan ReaderTurn = TimeSpan.FromMilliseconds(50);

    private readonly Statx _existing;

    private InPlaceFile(Descriptor file, NativePath path, in Statx existing)
        : base(file, path) => _existing = existing;

    internal override bool IsScratch => false;

    internal override bool IsRegular => _existing.IsRegular;

    internal override bool HasPositions => _existing.IsRegular || _existing.IsBlockDevice;

    internal override string Replacement => "InPlace";

    internal override ulong Device => _existing.Device;

    protected override long Reusable => _existing.AllocatedBytes;

    /// <summary>Opens an existing destination for writing; waits for a reader where it is a FIFO.</summary>
    internal static InPlaceFile Open(DestinationEntry entry, bool alsoRead, CancellationToken stop)
    {
        int access = alsoRead && (entry.Existing.IsRegular || entry.Existing.IsBlockDevice) ? OpenFlags.ReadWrite : OpenFlags.WriteOnly;
        int flags = access | OpenFlags.NonBlocking | OpenFlags.NoTerminal | OpenFlags.NoFollow;
        while (true)
        {
            long result = FileIO.TryOpen(entry.Directory, entry.Name, flags, 0, out Descriptor? file);
            bool waitsForReader = entry.Existing.Type == Statx.TypeFifo && KernelResult.ErrnoOf(result) == Errno.ENXIO;
            if (!waitsForReader)
            {
                SystemCallException.Check(result, "openat", entry.Path);
                return Checked(file!, entry);
            }

            if (stop.WaitHandle.WaitOne(ReaderTurn))
                stop.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Empties the file, for methods that leave out what is zero.</summary>
    internal void Empty() => SetLength(0);

    protected override void PutInPlace()
    {
        // It was there all the time.
    }

    internal override string AfterFailure(bool touched) => touched
        ? $"'{Path}' was being written in place and is incomplete"
        : $"'{Path}' is as it was";

    internal override void Clear(long offset, long length)
    {
        long end = Math.Min(offset + length, IsRegular ? _existing.Length : long.MaxValue);
        if (end <= offset)
            return;
        long punched = FileIO.Allocate(File, FileCalls.PunchHoleKeepSize, offset, end - offset);
        if (punched == 0)
            return;
        // A file system or device without holes: zeros are written.
        using Mapping zeros = Mapping.Memory(ZeroBufferSize);
        while (offset < end)
        {
            long written = FileIO.WriteAt(File, zeros.Address, Math.Min(ZeroBufferSize, end - offset), offset);
            offset += SystemCallException.Check(written, "pwrite", Path);
        }
    }

    /// <summary>Makes sure that the file opened is the one that was looked at: a name can change in between.</summary>
    private static InPlaceFile Checked(Descriptor file, DestinationEntry entry)
    {
        Statx status = FileMetadata.StatusOf(file, entry.Path);
        if (status.IsSameFile(entry.Existing))
            return new(file, entry.Path, status);
        file.Dispose();
        throw new TransferException(ErrorKind.Busy, $"'{entry.Path}' was replaced by something else at this moment: nothing was written.");
    }
}
