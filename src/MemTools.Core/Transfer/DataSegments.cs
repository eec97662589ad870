using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer;

/// <summary>Where the data of a file with holes lies: lseek(2) with SEEK_DATA and SEEK_HOLE.</summary>
internal static class DataSegments
{
    /// <summary>The first stretch of data in a range; both ends are the range's end where there is only a hole.</summary>
    internal static (long Start, long End) Next(Descriptor file, long from, long end)
    {
        long start = FileIO.Seek(file, from, FileCalls.SeekData);
        // ENXIO: no data from here on, or the file became shorter, which the caller finds out at the end.
        if (KernelResult.ErrnoOf(start) == Errno.ENXIO)
            return (end, end);
        // A file system that does not know its holes answers EINVAL or EOPNOTSUPP: all of it counts as data.
        if (start < 0)
            return (from, end);
        if (start >= end)
            return (end, end);
        long stop = FileIO.Seek(file, start, FileCalls.SeekHole);
        return (start, stop < 0 ? end : Math.Min(stop, end));
    }

    /// <summary>Bytes of data in a range.</summary>
    internal static long Total(Descriptor file, long from, long end)
    {
        long total = 0;
        while (from < end)
        {
            (long start, long stop) = Next(file, from, end);
            total += stop - start;
            from = stop;
        }

        return total;
    }
}
