using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>
/// A part of a file, mapped, and the open file it is of. The process itself never touches its pages: where the file has
/// been cut, that would raise SIGBUS and end the shell. It reads and writes them by calls that answer EFAULT instead.
/// </summary>
internal sealed class MappedRegion : IDisposable
{
    /// <summary>How often a page that vanished and came back is asked for again, before that is reported.</summary>
    private const int MostReturns = 3;

    /// <summary>The page cache keeps up to so many bytes as one, where pages have 4 KiB.</summary>
    private const long LargestFolio = 2 * 1024 * 1024;

    private readonly long _skew;

    internal MappedRegion(MappingTarget target, Mapping pages, MappedFileMode mode, long offset, long length)
    {
        Target = target;
        Pages = pages;
        Mode = mode;
        Offset = offset;
        Length = length;
        _skew = offset % target.PageSize;
    }

    internal MappingTarget Target { get; }

    internal Mapping Pages { get; }

    internal MappedFileMode Mode { get; }

    /// <summary>In the file, of the first byte.</summary>
    internal long Offset { get; }

    /// <summary>In bytes.</summary>
    internal long Length { get; }

    /// <summary>Of the first byte; the pages begin at or before it.</summary>
    internal nint Address => Pages.Address + (nint)_skew;

    /// <summary>
    /// A shared mapping's bytes are the page cache's, and pread(2) brings the same: it is a little faster than
    /// process_vm_readv(2), knows the end of the file to the byte, and names the errno where the disk fails. A private
    /// mapping has pages of its own, and so has a device.
    /// </summary>
    private bool ReadsByDescriptor => Mode != MappedFileMode.Private && Target.HasPositions;

    internal MappedAccess Read(long position, nint buffer, long count) =>
        ReadsByDescriptor ? ReadByDescriptor(position, buffer, count) : ReadByPages(position, buffer, count);

    /// <summary>Nothing is written where the file is already too short; pages that vanish meanwhile end it early.</summary>
    internal MappedAccess Write(long position, nint buffer, long count)
    {
        if (Cut(position + count) is { } cut)
            return new(0, cut);
        using Mapping.Use use = Pages.BeginUse();
        int returns = 0;
        long done = 0;
        while (done < count)
        {
            long written = GuardedCopy.Write(Address + (nint)(position + done), buffer + (nint)done, count - done);
            if (written <= 0)
            {
                if (WhyMissing(position + done, written, "process_vm_writev", ref returns) is { } missing)
                    return new(done, missing);
                if (WhyNoRoom(position + done, returns) is { } full)
                    return new(done, full);
                written = 0;
            }

            if (written > 0)
                returns = 0;
            done += written;
        }

        // Bytes behind the end, in the page that holds the end, are nobody's and vanish.
        return new(done, Cut(position + count));
    }

    /// <summary>Brings all of it into memory and waits for that.</summary>
    internal void Load(CancellationToken stop)
    {
        (long start, long length) = PagesOf(0, Length);
        for (int returns = 0; ; returns++)
        {
            long result = PageLoading.Load(Pages, start, length, out long loaded, stop);
            if (result >= 0)
                return;
            // The piece that failed holds the page that could not be had; reading it says why.
            long position = Math.Max(0, loaded - _skew);
            if (WhyNotLoaded(position, Math.Min(PageLoading.Piece, Length - position)) is { } missing)
                throw missing;
            if (KernelResult.ErrnoOf(result) != Errno.EFAULT)
                throw Failed("madvise", result);
            if (returns == MostReturns)
                throw Unsteady("madvise");
        }
    }

    /// <summary>Null where the kernel does not tell.</summary>
    internal long? ResidentPages()
    {
        if (!Target.TellsResidency)
            return null;
        (long start, long length) = PagesOf(0, Length);
        long count = Residency.Count(Pages, start, length);
        return count < 0 ? null : count;
    }

    /// <summary>Bytes of dirty pages in a range of the file; null where the kernel does not tell.</summary>
    internal long? DirtyBytes(long position, long count) =>
        Target.HasPositions && CacheStatus.Of(Target.File, Offset + position, count, out CacheStatus status) == 0
            ? status.Dirty * Environment.SystemPageSize
            : null;

    /// <summary>The part of the pages that holds a range: its start among them, a multiple of the page size, and its length.</summary>
    internal (long Start, long Length) PagesOf(long position, long count)
    {
        long first = _skew + position;
        long start = first - (first % Target.PageSize);
        return (start, first + count - start);
    }

    public void Dispose()
    {
        Pages.Dispose();
        Target.Dispose();
    }

    private MappedAccess ReadByDescriptor(long position, nint buffer, long count)
    {
        long done = 0;
        while (done < count)
        {
            long read = FileIO.ReadAt(Target.File, buffer + (nint)done, count - done, Offset + position + done);
            if (read <= 0)
                return new(done, read == 0 ? Truncated() : Failed("pread", read));
            done += read;
        }

        return new(done, null);
    }

    private MappedAccess ReadByPages(long position, nint buffer, long count)
    {
        using Mapping.Use use = Pages.BeginUse();
        int returns = 0;
        long done = 0;
        while (done < count)
        {
            long read = GuardedCopy.Read(Address + (nint)(position + done), buffer + (nint)done, count - done);
            if (read <= 0 && WhyMissing(position + done, read, "process_vm_readv", ref returns) is { } missing)
                return new(done, missing);
            done += Math.Max(read, 0);
        }

        // Behind its end, in the page that holds the end, a file reads as zeros.
        return new(done, Cut(position + count));
    }

    private Exception? WhyNotLoaded(long position, long count)
    {
        using Mapping buffer = Mapping.Memory((int)count);
        return Read(position, buffer.Address, count).Failure;
    }

    /// <summary>EFAULT does not say why a page could not be had: the file does. Null where it may be tried again.</summary>
    private unsafe Exception? WhyMissing(long position, long result, string call, ref int returns)
    {
        bool again = ++returns <= MostReturns;
        if (KernelResult.ErrnoOf(result) is not (Errno.EFAULT or Errno.None))
            return Failed(call, result);
        if (Cut(position + 1) is { } cut)
            return cut;
        if (Target.IsHuge)
            return new MemToolsException(ErrorKind.NoSpace, $"No huge page is free for '{Target.Path}': /proc/sys/vm/nr_hugepages says how many there are.");
        byte probe;
        long read = Target.HasPositions ? FileIO.ReadAt(Target.File, (nint)(&probe), 1, Offset + position) : 1;
        if (read < 0)
            return Failed("pread", read);
        return again && read > 0 ? null : Unsteady(call);
    }

    /// <summary>
    /// Has the file system find room for a page that the mapping would not take, since only such a call says why there
    /// is none. Null where there is room now, or nothing can be said, and the write may be tried again.
    /// </summary>
    /// <remarks>
    /// pwrite(2) would say it too, but would make the file longer again if somebody cut it a moment ago. This call keeps
    /// its length; the last try is one that only asks whether the file system is full.
    /// </remarks>
    private SystemCallException? WhyNoRoom(long position, int returns)
    {
        if (Mode != MappedFileMode.ReadWrite || !Target.HasPositions)
            return null;
        long offset = Offset + position;
        // The page alone, and if that does not help all that may lie in one large folio with it (xfs wants room for it all).
        long reach = returns == 1 ? Target.PageSize : Math.Max(LargestFolio, Target.PageSize);
        long start = offset - (offset % reach);
        long result = FileIO.Allocate(Target.File, FileCalls.KeepSize, start, Math.Min(reach, Offset + Length - start));
        if (KernelResult.ErrnoOf(result) is Errno.EOPNOTSUPP or Errno.ENOSYS or Errno.ENODEV or Errno.EBADF)
            result = 0;
        if (result < 0)
            return Failed("fallocate", result);
        // Blocks there are, but the file system writes elsewhere (copy-on-write) and has no room for that.
        bool isFull = returns == MostReturns && FileMetadata.FileSystem(Target.File, out StatFs system) == 0 && system.BlocksAvailable == 0;
        return isFull ? Failed("process_vm_writev", -(long)Errno.ENOSPC) : null;
    }

    /// <summary>The error where the file no longer reaches to a position, else null.</summary>
    private MemToolsException? Cut(long position) =>
        Target.IsRegular && Target.LengthNow() < Offset + position ? Truncated() : null;

    private MemToolsException Truncated() => new(
        ErrorKind.FileTruncated,
        $"'{Target.Path}' has been cut to {Target.LengthNow()} bytes, and {Length} bytes from {Offset} on are mapped. What lies before its end can still be used; for the rest close the mapping and open the file again.");

    /// <summary>What to say of pages that are there whenever one looks, and not when one needs them.</summary>
    private Exception Unsteady(string call) => Target.IsRegular
        ? new MemToolsException(
            ErrorKind.FileTruncated,
            $"'{Target.Path}' is being cut and made longer again while it is used ({call}: EFAULT): its pages come and go. Try again when whoever writes it has done.")
        : Failed(call, -(long)Errno.EFAULT);

    private SystemCallException Failed(string call, long result) =>
        new(call, KernelResult.ErrnoOf(result), Target.Path.ToString());
}
