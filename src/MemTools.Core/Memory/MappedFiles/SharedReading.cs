namespace MemTools.Memory;

/// <summary>Reads a large range on several processors: the copying, not the disk, is what takes the time.</summary>
internal static class SharedReading
{
    /// <summary>The least that is worth handing to another thread, which takes some ten microseconds.</summary>
    internal const long Share = 512 * 1024;

    private const int MostReaders = 4;

    internal static MappedAccess Read(MappedRegion region, long position, nint buffer, long count)
    {
        int readers = (int)Math.Min(Math.Min(count / Share, Environment.ProcessorCount), MostReaders);
        if (readers < 2)
            return region.Read(position, buffer, count);
        MappedAccess[] results = new MappedAccess[readers];
        long share = (count + readers - 1) / readers;
        Parallel.For(0, readers, reader =>
        {
            long start = reader * share;
            results[reader] = region.Read(position + start, buffer + (nint)start, Math.Min(share, count - start));
        });
        return Join(results, share);
    }

    /// <summary>What was read without a gap.</summary>
    private static MappedAccess Join(MappedAccess[] results, long share)
    {
        for (int reader = 0; reader < results.Length; reader++)
        {
            if (results[reader].Failure is { } failure)
                return new((reader * share) + results[reader].Count, failure);
        }

        return new(results.Sum(result => result.Count), null);
    }
}
