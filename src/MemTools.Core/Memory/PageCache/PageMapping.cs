using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>Where the pages of a file lie that are in memory: mincore(2), on a mapping that is never touched.</summary>
internal sealed class PageMapping
{
    /// <summary>Mapped at a time; address space costs nothing, and limits on it are rarely lower.</summary>
    private const long Window = 1L << 30;

    private readonly List<PageRun> _runs = [];

    internal IList<PageRun> Runs => _runs;

    internal long Resident { get; private set; }

    /// <summary>Null where the kernel would not tell the truth, or the file cannot be mapped.</summary>
    internal static PageMapping? Of(CachedFile file) => Of(file, 0, file.Length);

    /// <summary>The same for a part that begins at a page.</summary>
    internal static PageMapping? Of(CachedFile file, long offset, long length) =>
        Of(file.File, file.Status, offset, length);

    /// <summary>The same for an open file.</summary>
    internal static PageMapping? Of(Descriptor file, in Statx status, long offset, long length)
    {
        if (!CachePermission.TellsResidency(file, status))
            return null;
        PageMapping map = new();
        for (long start = offset; start < offset + length; start += Window)
        {
            if (!map.Add(file, start, Math.Min(Window, offset + length - start)))
                return null;
        }

        return map;
    }

    private bool Add(Descriptor file, long start, long length)
    {
        if (Mapping.TryMapFile(file, start, length, out Mapping? mapping) < 0)
            return false;
        using (mapping)
            return Residency.Visit(mapping!, 0, length, (first, count) => Add(start, first, count, start + length)) == 0;
    }

    private void Add(long start, long first, long count, long end)
    {
        long pageSize = Environment.SystemPageSize;
        long offset = start + (first * pageSize);
        long length = Math.Min(count * pageSize, end - offset);
        Resident += count;
        // Where one window ends and the next begins, a run goes on.
        if (_runs.Count > 0 && _runs[^1].Offset + _runs[^1].Length == offset)
            _runs[^1] = new(_runs[^1].Offset, _runs[^1].Length + length);
        else
            _runs.Add(new(offset, length));
    }
}
