using System.Diagnostics;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>
/// Maps memory, touches its pages in a chosen way and counts what that costs the calling thread, as often as asked.
/// </summary>
internal sealed class MappingExperiment
{
    /// <summary>So much is populated between two looks at whether to stop.</summary>
    private const long PopulatePiece = 64L << 20;

    private readonly MappingExperimentOptions _options;
    private readonly CancellationToken _cancellation;

    /// <summary>The system's policy for transparent huge pages, asked for once: that too would cost faults.</summary>
    private readonly string? _policy = HugePages.Policy();

    /// <summary>What madvise is told, in turn.</summary>
    private readonly MemoryAdvice[] _advice;

    /// <exception cref="MemToolsException">Options contradict each other, or memory does not suffice.</exception>
    internal MappingExperiment(MappingExperimentOptions options, CancellationToken cancellation)
    {
        options.Check();
        _options = options;
        _cancellation = cancellation;
        _advice = AdviceGiven(options, _policy);
    }

    /// <summary>The call that cannot be interrupted and is under way, or null.</summary>
    internal string? UninterruptibleCall { get; private set; }

    /// <summary>Does the rounds, each when its result is asked for.</summary>
    /// <exception cref="MemToolsException">Memory or huge pages do not suffice, a file is unfit, or an advice is not known here.</exception>
    /// <exception cref="SystemCallException">mmap or another call failed.</exception>
    /// <exception cref="OperationCanceledException">The work was stopped.</exception>
    internal IEnumerable<MappingFaultResult> Run()
    {
        MappingExperimentOptions whole = _options with { Length = RoundUp(_options.Length, PageSizeOf(_options.Backing)) };
        FreeMemory.Require(Needed(whole), "The experiment");
        WarmUp(whole);
        using MappingSource source = MappingSource.Open(_options, _cancellation);
        using PageToucher toucher = new(whole.Access, byCall: MayVanish(whole), hugePages: whole.Backing == MappingBacking.Huge);
        using MappedArea area = MappedArea.Hold(whole.Length, Math.Max(source.PageSize, HugePages.TransparentSize()));
        for (int round = 1; round <= whole.Rounds; round++)
        {
            bool fresh = round == 1 || !whole.Reuse;
            MappingFaultResult result = Round(round, fresh, whole, source, toucher, area);
            if (!whole.Reuse)
                area.Unmap();
            yield return result;
        }
    }

    private static long PageSizeOf(MappingBacking backing) =>
        (backing == MappingBacking.Huge ? HugePages.ReservedSize() : null) ?? Environment.SystemPageSize;

    private static long RoundUp(long length, long unit) =>
        length > long.MaxValue - unit ? length / unit * unit : (length + unit - 1) / unit * unit;

    private static bool MayVanish(MappingExperimentOptions options) =>
        options.Path is not null || options.Backing == MappingBacking.Huge;

    /// <summary>What the experiment takes of the memory that others could use; reserved huge pages are of nobody's use.</summary>
    private static long Needed(MappingExperimentOptions options)
    {
        if (options.Backing == MappingBacking.Huge)
            return 0;
        bool scratch = options.IsFile && options.Path is null;
        bool copies = options.Backing != MappingBacking.SharedFile && (options.Access == PageAccess.Write
            || options.Populate || options.Advice == MemoryAdvice.PopulateWrite);
        long written = copies ? Written(options) : 0;
        // Page tables: eight bytes a page, whatever is behind it.
        long tables = options.Length / Environment.SystemPageSize * sizeof(long);
        return (long)Math.Min(long.MaxValue, (decimal)written + (scratch ? options.Length : 0) + tables);
    }

    private static long Written(MappingExperimentOptions options)
    {
        bool all = options.Populate || MemoryAdvices.Populates(options.Advice)
            || options.Advice is MemoryAdvice.HugePage or MemoryAdvice.Normal;
        return all ? options.Length : new TouchOrder(options, options.Length, Environment.SystemPageSize).PagesTouched * Environment.SystemPageSize;
    }

    /// <summary>
    /// A round with one page of memory, unseen, so that no code is compiled or brought in for the first time in a
    /// round that counts.
    /// </summary>
    private void WarmUp(MappingExperimentOptions options)
    {
        MappingExperimentOptions small = options with
        {
            Length = Environment.SystemPageSize, Backing = MappingBacking.Anonymous, Path = null,
        };
        using MappingSource source = MappingSource.Open(small, _cancellation);
        using PageToucher toucher = new(options.Access, MayVanish(options), hugePages: false);
        using MappedArea area = MappedArea.Hold(small.Length, Environment.SystemPageSize);
        _ = Round(0, fresh: true, small, source, toucher, area);
    }

    private MappingFaultResult Round(
        int round, bool fresh, MappingExperimentOptions options, MappingSource source, PageToucher toucher, MappedArea area)
    {
        TouchOrder order = new(options, options.Length, source.PageSize);
        using FaultMeter meter = new();
        meter.Start();
        long started = Stopwatch.GetTimestamp();
        if (fresh)
            Map(options, source, area);
        long mapped = Stopwatch.GetTimestamp();
        long touched = toucher.Touch(area.Address, order, _cancellation);
        long ended = Stopwatch.GetTimestamp();
        meter.Stop();
        if (touched < 0)
            throw Vanished(options, KernelResult.ErrnoOf(touched));
        ResidentPages? resident = ResidentPages.Of(area.Address);
        return new(meter)
        {
            Round = round,
            Backing = options.Backing.ToString(),
            Access = options.Access.ToString(),
            Pattern = options.Pattern.ToString(),
            StrideBytes = options.Pattern == PagePattern.Stride ? options.StrideBytes : null,
            Populate = options.Populate,
            Advice = _advice.Length > 0 ? string.Join(", ", _advice) : null,
            Reused = !fresh,
            Path = options.Path,
            Touch = toucher.ByCall ? "SystemCall" : "Direct",
            Length = options.Length,
            PageSize = source.PageSize,
            PagesTouched = order.PagesTouched,
            MapTime = fresh ? Stopwatch.GetElapsedTime(started, mapped) : TimeSpan.Zero,
            TouchTime = Stopwatch.GetElapsedTime(mapped, ended),
            ResidentBytes = resident?.Bytes,
            HugePageBytes = resident?.HugeBytes,
            HugePagePolicy = _policy,
            FaultAroundBytes = HugePages.FaultAroundBytes(),
        };
    }

    private void Map(MappingExperimentOptions options, MappingSource source, MappedArea area)
    {
        // A user's file is open for reading only, which a shared mapping then is too.
        bool readOnly = options.Path is not null && options.Backing == MappingBacking.SharedFile;
        int protection = MemoryCalls.ProtectRead | (readOnly ? 0 : MemoryCalls.ProtectWrite);
        UninterruptibleCall = options.Populate ? "mmap with MAP_POPULATE" : null;
        try
        {
            area.Map(protection, source.Flags | (options.Populate ? MemoryCalls.MapPopulate : 0), source.File);
        }
        catch (SystemCallException e) when (options.Backing == MappingBacking.Huge && e.Errno == Errno.ENOMEM)
        {
            throw NoHugePages(options.Length, source.PageSize, e);
        }
        finally
        {
            UninterruptibleCall = null;
        }

        foreach (MemoryAdvice advice in _advice)
            Advise(options, area, advice);
    }

    /// <summary>
    /// Unless huge pages were asked for, or the system's policy, they are kept out: with the policy "always" one fault
    /// would be 512 pages. Reserved huge pages are no matter of advice.
    /// </summary>
    private static MemoryAdvice[] AdviceGiven(MappingExperimentOptions options, string? policy)
    {
        bool kept = options.Advice is not (MemoryAdvice.HugePage or MemoryAdvice.Normal)
            && options.Backing != MappingBacking.Huge && policy is not null;
        MemoryAdvice[] own = options.Advice == MemoryAdvice.NoHugePage ? [] : [options.Advice];
        return kept ? [MemoryAdvice.NoHugePage, .. own] : own;
    }

    private void Advise(MappingExperimentOptions options, MappedArea area, MemoryAdvice advice)
    {
        long piece = MemoryAdvices.Populates(advice) ? PopulatePiece : options.Length;
        for (long done = 0; done < options.Length; done += piece)
        {
            _cancellation.ThrowIfCancellationRequested();
            nuint length = (nuint)Math.Min(piece, options.Length - done);
            long result = KernelResult.Of(MemoryCalls.Advise(area.Address + (nint)done, length, MemoryAdvices.NumberOf(advice)));
            if (result < 0)
                throw Unadvisable(options, advice, KernelResult.ErrnoOf(result));
        }
    }

    private static Exception Unadvisable(MappingExperimentOptions options, MemoryAdvice advice, Errno errno) => errno switch
    {
        Errno.EFAULT => Vanished(options, errno),
        Errno.EINVAL => new MemToolsException(
            ErrorKind.NotSupported,
            $"madvise: EINVAL: this kernel does not take the advice {advice} for the backing {options.Backing}. "
            + "PopulateRead and PopulateWrite came with Linux 5.14; HugePage needs transparent huge pages."),
        _ => new SystemCallException("madvise", errno, $"{HumanUnits.Size(options.Length)}, {advice}"),
    };

    private static MemToolsException Vanished(MappingExperimentOptions options, Errno errno) => options.Path is { } path
        ? new(ErrorKind.SourceTruncated, $"A page of '{path}' could not be touched ({errno}): the file became shorter, or its disk failed.")
        : new(ErrorKind.OutOfMemory, $"A huge page could not be had ({errno}): a control group (hugetlb.*.max) or a NUMA policy denies it.");

    private static MemToolsException NoHugePages(long length, long pageSize, Exception inner)
    {
        long pages = length / pageSize;
        return new(
            ErrorKind.OutOfMemory,
            $"{pages} reserved huge pages of {HumanUnits.Size(pageSize)} are wanted and {HugePages.Free()} are free. "
            + $"As root, `sysctl vm.nr_hugepages={pages}` reserves them; -Advice HugePage uses transparent ones instead.",
            inner);
    }
}
