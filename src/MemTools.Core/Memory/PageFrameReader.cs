using System.Globalization;
using MemTools.Kernel;

namespace MemTools.Memory;

/// <summary>Looks up pages of one process in pagemap, and their frames in kpageflags and kpagecount.</summary>
internal sealed class PageFrameReader : IDisposable
{
    private const int BatchLength = 512;
    private const string FlagsPath = "/proc/kpageflags";
    private const string CountPath = "/proc/kpagecount";

    private readonly int _process;
    private readonly PageMap _pages;
    private readonly KernelPages _flags = new(FlagsPath);
    private readonly KernelPages _counts = new(CountPath);
    private readonly PageMapEntry[] _entries = new PageMapEntry[BatchLength];
    private MemoryRegion? _region;

    /// <exception cref="MemToolsException">No such process, no permission, or no memory of its own.</exception>
    internal PageFrameReader(int process)
    {
        _process = process;
        _pages = PageMap.Open(process);
    }

    private static ulong PageSize => (ulong)PageMap.PageSize;

    /// <summary>The pages from the one that holds an address on.</summary>
    /// <param name="address">Any address of the first page.</param>
    /// <param name="count">How many pages.</param>
    /// <param name="stop">Looked at between some hundreds of pages.</param>
    /// <exception cref="MemToolsException">An address is not mapped; pages before it were returned.</exception>
    internal IEnumerable<PageFrame> Read(ulong address, long count, CancellationToken stop)
    {
        ulong page = address - (address % PageSize);
        _region = null;
        for (long done = 0; done < count;)
        {
            stop.ThrowIfCancellationRequested();
            int read = _pages.Read(page, _entries.AsSpan(0, (int)Math.Min(count - done, BatchLength)));
            if (read == 0)
                throw Beyond(done == 0 ? address : page);
            for (int i = 0; i < read; i++, page += PageSize)
                yield return Page(done++ == 0 ? address : page, _entries[i]);
        }
    }

    public void Dispose()
    {
        _pages.Dispose();
        _flags.Dispose();
        _counts.Dispose();
    }

    private PageFrame Page(ulong address, PageMapEntry entry)
    {
        bool isThere = entry.IsPresent || entry.IsSwapped;
        if (!isThere)
            CheckMapped(address);
        ulong? frame = entry.IsPresent && entry.Frame != 0 ? entry.Frame : null;
        ulong? flags = frame is { } number ? _flags[number] : null;
        bool tellsSwap = entry is { IsSwapped: true, Frame: not 0 };
        return new()
        {
            ProcessId = _process,
            Address = address,
            PageStart = address - (address % PageSize),
            PageSize = PageMap.PageSize,
            IsPresent = entry.IsPresent,
            IsSwapped = entry.IsSwapped,
            Frame = frame,
            IsFileOrShared = isThere ? entry.IsFileOrShared : null,
            IsExclusive = entry.IsPresent ? entry.IsExclusive : null,
            IsSoftDirty = PageMapFeatures.HasSoftDirty ? entry.IsSoftDirty : null,
            IsWriteProtected = PageMapFeatures.HasWriteProtected ? entry.IsWriteProtected : null,
            IsHuge = flags is { } bits ? PageFlags.IsSet(bits, PageFlags.Huge) || PageFlags.IsSet(bits, PageFlags.TransparentHuge) : null,
            MapCount = frame is { } counted ? (long?)_counts[counted] : null,
            Flags = flags is { } set ? PageFlags.Text(set) : null,
            SwapArea = tellsSwap ? entry.SwapType : null,
            SwapOffset = tellsSwap ? entry.SwapOffset : null,
            Hidden = Hidden(entry, frame, flags),
        };
    }

    /// <summary>Nothing is there, and perhaps nothing can be: only the map of the regions tells.</summary>
    private void CheckMapped(ulong address)
    {
        if (_region?.Contains(address) != true)
            _region = MemoryMap.Find(MemoryMap.Read(_process, detailed: false, CancellationToken.None), _process, address);
    }

    private static string? Hidden(PageMapEntry entry, ulong? frame, ulong? flags)
    {
        List<string> hidden = [];
        if (entry.IsPresent && frame is null)
            hidden.Add("The frame, its flags and its count are shown to root alone (CAP_SYS_ADMIN).");
        else if (entry.IsPresent && flags is null)
            hidden.Add($"Flags and count are in {FlagsPath} and {CountPath}, which cannot be read here.");
        if (entry is { IsSwapped: true, Frame: 0 })
            hidden.Add("The place in the swap area is shown to root alone (CAP_SYS_ADMIN).");
        if (!PageMapFeatures.HasSoftDirty)
            hidden.Add("This kernel keeps no soft-dirty bits (CONFIG_MEM_SOFT_DIRTY).");
        return hidden.Count > 0 ? string.Join(' ', hidden) : null;
    }

    /// <summary>Addresses of the kernel, and those that no processor takes: pagemap ends before them.</summary>
    private MemToolsException Beyond(ulong address) => new(
        ErrorKind.NotFound,
        string.Create(CultureInfo.InvariantCulture, $"0x{address:x} is beyond the addresses that process {_process} can have: the kernel keeps no page for it."));
}
