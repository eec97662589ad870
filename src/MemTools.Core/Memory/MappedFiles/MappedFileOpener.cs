using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>Opens a file, makes it long enough where that is asked, and maps the part.</summary>
internal static class MappedFileOpener
{
    internal static MappedRegion Open(string path, MappedFileOptions options, CancellationToken stop)
    {
        Check(options);
        // Methods of the object write outside commands too.
        Interruption.SurviveSizeLimit();
        MappingTarget target = MappingTarget.Open(path, options);
        MappedRegion? region = null;
        try
        {
            region = Map(target, options);
            Prepare(region, options, stop);
            return region;
        }
        catch
        {
            region?.Dispose();
            target.Dispose();
            throw;
        }
    }

    private static void Check(MappedFileOptions options)
    {
        if (options.Offset < 0)
            throw Misuse("-Offset cannot be negative.");
        if (options.Length <= 0)
            throw Misuse("-Length has to be 1 or more: nothing cannot be mapped.");
        if (options.Length > long.MaxValue - options.Offset)
            throw Misuse("-Offset and -Length together are more than any file holds.");
        if (options.Create && options.Mode != MappedFileMode.ReadWrite)
            throw Misuse($"-Create changes the file, and -Mode {options.Mode} does not: use -Mode ReadWrite.");
    }

    private static MappedRegion Map(MappingTarget target, MappedFileOptions options)
    {
        long length = LengthToMap(target, options);
        long start = options.Offset - (options.Offset % target.PageSize);
        long needed = options.Offset - start + length;
        // munmap(2) takes whole pages, which on hugetlbfs are huge.
        long whole = (needed + target.PageSize - 1) / target.PageSize * target.PageSize;
        int protection = MemoryCalls.ProtectRead | (options.Mode == MappedFileMode.ReadOnly ? 0 : MemoryCalls.ProtectWrite);
        int flags = options.Mode == MappedFileMode.Private ? MemoryCalls.MapPrivate : MemoryCalls.MapShared;
        Mapping pages = MappingLimit.Retry(
            target, whole, (out Mapping? mapping) => Mapping.TryMapFile(target.File, start, whole, protection, flags, out mapping));
        return new(target, pages, options.Mode, options.Offset, length);
    }

    private static long LengthToMap(MappingTarget target, MappedFileOptions options)
    {
        if (target.Length is not { } has)
        {
            return options.Length
                ?? throw Misuse($"'{target.Path}' is a device that does not say how long it is: say how much to map with -Length.");
        }

        if (options.Length is null && options.Offset >= has)
            throw NothingThere(target, options, has);
        long length = options.Length ?? has - options.Offset;
        if (options.Offset + length > has)
            Grow(target, options, has, options.Offset + length);
        return length;
    }

    private static void Grow(MappingTarget target, MappedFileOptions options, long has, long needs)
    {
        if (options.Create && target.IsRegular)
        {
            target.Grow(needs);
            return;
        }

        string remedy = target.IsRegular ? " -Create (with -Mode ReadWrite) makes the file longer." : string.Empty;
        throw Misuse($"'{target.Path}' has {has} bytes, and {options.Length} from {options.Offset} on were asked for.{remedy}");
    }

    private static MemToolsException NothingThere(MappingTarget target, MappedFileOptions options, long has) => Misuse(
        has == 0
            ? $"'{target.Path}' is empty, or a file of /proc or /sys that says so: there is nothing to map. -Create -Mode ReadWrite -Length makes a file as long as you say."
            : $"-Offset {options.Offset} does not lie within '{target.Path}', which has {has} bytes.");

    private static void Prepare(MappedRegion region, MappedFileOptions options, CancellationToken stop)
    {
        if (options.HugePage)
            MappedHugePages.Ask(region);
        if (options.Advice != MappedFileAdvice.Normal)
            Advise(region, options.Advice);
        if (options.Populate)
            region.Load(stop);
    }

    /// <summary>To both: faults on the mapping follow madvise(2), reads of the file posix_fadvise(2).</summary>
    private static void Advise(MappedRegion region, MappedFileAdvice advice)
    {
        (int pages, int file) = advice switch
        {
            MappedFileAdvice.Random => (MemoryCalls.AdviseRandom, FileCalls.AdviseRandom),
            MappedFileAdvice.Sequential => (MemoryCalls.AdviseSequential, FileCalls.AdviseSequential),
            MappedFileAdvice.WillNeed => (MemoryCalls.AdviseWillNeed, FileCalls.AdviseWillNeed),
            _ => (MemoryCalls.AdviseNormal, FileCalls.AdviseNormal),
        };
        SystemCallException.Check(region.Pages.Advise(0, region.Pages.Length, pages), "madvise", region.Target.Path);
        if (!region.Target.HasPositions)
            return;
        // Returns the error number itself.
        int error = FileCalls.Advise(region.Target.File, region.Offset, region.Length, file);
        SystemCallException.Check(-error, "posix_fadvise", region.Target.Path);
    }

    private static MemToolsException Misuse(string message) => new(ErrorKind.Misuse, message);
}
