using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>Asks what of a file is in the page cache, without bringing anything there.</summary>
internal static class PageCacheReader
{
    private const int MostParts = 20;

    private static readonly ResultList<double>[] Nothing = Uniform(0);
    private static readonly ResultList<double>[] Everything = Uniform(1);

    private const string NotTold =
        "the kernel tells only who owns the file or may write it which of its pages are in memory";

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static PageCacheInfo Read(CachedFile file, bool detailed)
    {
        bool counted = TryCount(file, 0, file.Length, out CacheStatus status);
        bool needsMap = detailed || !counted;
        PageMapping? map = needsMap && file.Length > 0 ? PageMapping.Of(file) : null;
        long? resident = counted ? status.Cached : map?.Resident ?? (file.Length == 0 ? 0 : null);
        return new()
        {
            Path = file.Path.ToString(),
            Length = file.Length,
            PageSize = Environment.SystemPageSize,
            Pages = file.Pages,
            ResidentPages = resident,
            DirtyPages = counted ? status.Dirty : null,
            WritebackPages = counted ? status.Writeback : null,
            EvictedPages = counted ? status.Evicted : null,
            RecentlyEvictedPages = counted ? status.RecentlyEvicted : null,
            Parts = Parts(file, counted, resident, map),
            Runs = detailed ? RunsOf(file, map) : null,
            Call = counted ? "cachestat" : map is null ? null : "mincore",
            Unknown = counted && (!detailed || map is not null || file.Length == 0) ? null : WhyUnknown(map, file),
        };
    }

    /// <summary>By cachestat(2); false where it is not to be had.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static bool TryCount(CachedFile file, long offset, long length, out CacheStatus status)
    {
        // A length of zero would mean all from the offset.
        if (length > 0)
            return CacheStatus.Of(file.File, offset, length, out status) == 0;
        status = default;
        return CacheStatus.Of(file.File, offset, 1, out _) == 0;
    }

    private static ResultList<PageRun>? RunsOf(CachedFile file, PageMapping? map) =>
        map is not null ? new(map.Runs) : file.Length == 0 ? ResultList<PageRun>.None : null;

    private static string? WhyUnknown(PageMapping? map, CachedFile file)
    {
        if (map is not null)
            return "this kernel has no cachestat(2) for the file, and mincore(2) tells only what is resident";
        return file.Length == 0 ? null : NotTold;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ResultList<double>? Parts(CachedFile file, bool counted, long? resident, PageMapping? map)
    {
        if (resident is not { } pages || file.Pages == 0)
            return null;
        int parts = (int)Math.Min(MostParts, file.Pages);
        // All or nothing, as most files are, is known already.
        if (pages == 0)
            return Nothing[parts];
        if (pages >= file.Pages)
            return Everything[parts];
        double[] shares = new double[parts];
        if (map is not null)
            FillFromRuns(shares, file.Pages, map.Runs);
        else if (counted)
            FillByCounting(shares, file);
        return new(shares);
    }

    private static ResultList<double>[] Uniform(double share) =>
        [.. Enumerable.Range(0, MostParts + 1).Select(count => new ResultList<double>([.. Enumerable.Repeat(share, count)]))];

    private static void FillByCounting(double[] shares, CachedFile file)
    {
        for (int part = 0; part < shares.Length; part++)
        {
            (long first, long end) = Bounds(part, shares.Length, file.Pages);
            long pageSize = Environment.SystemPageSize;
            if (TryCount(file, first * pageSize, (end - first) * pageSize, out CacheStatus status))
                shares[part] = Math.Min(1, status.Cached / (double)(end - first));
        }
    }

    private static void FillFromRuns(double[] shares, long pages, IEnumerable<PageRun> runs)
    {
        foreach (PageRun run in runs)
        {
            long begin = run.Offset / Environment.SystemPageSize;
            long finish = begin + CachedFile.PagesOf(run.Length);
            for (int part = 0; part < shares.Length; part++)
            {
                (long first, long end) = Bounds(part, shares.Length, pages);
                long common = Math.Min(end, finish) - Math.Max(first, begin);
                shares[part] += Math.Max(0, common) / (double)(end - first);
            }
        }
    }

    private static (long First, long End) Bounds(int part, int parts, long pages) =>
        ((long)((Int128)pages * part / parts), (long)((Int128)pages * (part + 1) / parts));
}
