using MemTools.Kernel;

namespace MemTools.Experiments;

/// <summary>One allocator with one size and one number of threads: what was measured of it so far.</summary>
internal sealed class AllocatorRow
{
    private readonly AllocatorComparisonOptions _options;
    private readonly List<SpeedAnswer> _speeds = [];
    private readonly string? _library;

    internal AllocatorRow(AllocatorComparisonOptions options, AllocatorKind allocator, long size, int threads)
    {
        _options = options;
        Allocator = allocator;
        Size = size;
        Threads = threads;
        PreloadedLibrary? wanted = PreloadedLibrary.Of(allocator);
        _library = wanted?.Find(options.LibraryFolders);
        if (wanted is not null && _library is null)
            NotInstalled = $"{wanted.Names[0]} is not installed. The package is {wanted.Packages}.";
    }

    internal AllocatorKind Allocator { get; }

    internal long Size { get; }

    internal int Threads { get; }

    internal string Name => $"{Allocator}, {HumanUnits.Size(Size)}, {Threads} {(Threads == 1 ? "thread" : "threads")}";

    /// <summary>Which package is missing; null where none is.</summary>
    internal string? NotInstalled { get; }

    /// <summary>Why this allocator cannot do this work; null where it can.</summary>
    internal string? NotPossible => AllocatorLimits.WhyNot(Allocator, _options.Pattern, Size, Threads);

    internal MemToolsException? Failure { get; private set; }

    /// <summary>Whether there is something to measure.</summary>
    internal bool Open => NotInstalled is null && NotPossible is null && Failure is null;

    internal FootprintAnswer? Footprint { get; set; }

    internal double? Nanoseconds => _speeds.Count > 0 ? Median(speed => speed.Nanoseconds) : null;

    /// <summary>What the worker is told. System calls are counted once: they do not vary as times do.</summary>
    internal WorkOrder Order => new(
        Allocator, _library, _options.Pattern, _options.Touch, Size, _options.Count, Threads, CountCalls: _speeds.Count == 0);

    internal void Add(SpeedAnswer speed) => _speeds.Add(speed);

    internal void Fail(MemToolsException failure) =>
        Failure = new MemToolsException(failure.Kind, $"{Name}: {failure.Message}", failure);

    /// <summary>The row's result beside the others.</summary>
    /// <param name="rows">All rows with figures.</param>
    internal AllocatorResult ToResult(IReadOnlyCollection<AllocatorRow> rows)
    {
        double[] peers = [.. rows.Where(row => row.Size == Size && row.Threads == Threads).Select(row => row.Nanoseconds!.Value)];
        AllocatorRow? first = rows.FirstOrDefault(row => row.Allocator == Allocator && row.Size == Size);
        SpeedAnswer? counted = _speeds.FirstOrDefault();
        return new()
        {
            Allocator = Allocator.ToString(),
            Pattern = _options.Pattern.ToString(),
            Size = Size,
            Count = _options.Count,
            Threads = Threads,
            Touch = _options.Touch.ToString(),
            Repeat = _speeds.Count,
            Status = NotInstalled is not null ? "NotInstalled" : NotPossible is not null ? "NotPossible" : "Measured",
            Reason = NotInstalled ?? NotPossible,
            Library = counted?.Library,
            NanosecondsPerOperation = Nanoseconds,
            FastestNanosecondsPerOperation = counted is null ? null : _speeds.Min(speed => speed.Nanoseconds),
            SlowestNanosecondsPerOperation = counted is null ? null : _speeds.Max(speed => speed.Nanoseconds),
            FirstNanosecondsPerOperation = counted is null ? null : Median(speed => speed.FirstNanoseconds),
            LoopNanosecondsPerOperation = counted?.LoopNanoseconds is null ? null : Median(speed => speed.LoopNanoseconds!.Value),
            TimesFastest = Nanoseconds / peers.DefaultIfEmpty(1).Min(),
            ShareOfSlowest = Nanoseconds / peers.DefaultIfEmpty(1).Max(),
            SpeedUp = first?.Nanoseconds / Nanoseconds,
            UserTime = Time(speed => speed.UserMicroseconds),
            KernelTime = Time(speed => speed.KernelMicroseconds),
            SystemCalls = counted?.SystemCalls,
            SystemCallsUnknown = counted?.SystemCallsUnknown,
            MinorFaults = Count(speed => speed.MinorFaults),
            MajorFaults = Count(speed => speed.MajorFaults),
            VoluntarySwitches = Count(speed => speed.VoluntarySwitches),
            InvoluntarySwitches = Count(speed => speed.InvoluntarySwitches),
            PeakResidentBytes = counted?.PeakResidentBytes is null ? null : Count(speed => speed.PeakResidentBytes!.Value),
            ResidentBytes = Count(speed => speed.ResidentBytes),
            FootprintCount = Footprint?.Count,
            BytesPerBlock = Footprint?.PerBlock,
            OverheadPerBlock = Footprint?.PerBlock - Size,
            Fragmentation = Fragmentation,
            HeldBytes = Footprint?.Left,
        };
    }

    private double? Fragmentation => Footprint is { Count: > 1, Half: > 0 } known
        ? Math.Max(0, 1 - ((known.Count + 1) / 2 * (double)Size / known.Half))
        : null;

    private double Median(Func<SpeedAnswer, double> figure)
    {
        double[] sorted = [.. _speeds.Select(figure).Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private long? Count(Func<SpeedAnswer, long> figure) =>
        _speeds.Count > 0 ? (long)Math.Round(Median(speed => figure(speed))) : null;

    private TimeSpan? Time(Func<SpeedAnswer, long> microseconds) =>
        Count(microseconds) is { } known ? TimeSpan.FromMicroseconds(known) : null;
}
