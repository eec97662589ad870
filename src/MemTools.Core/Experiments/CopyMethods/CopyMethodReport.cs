using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Experiments.CopyMethods;

/// <summary>Makes the results of a comparison from its samples.</summary>
internal sealed class CopyMethodReport(
    CopyComparisonOptions options, ComparedSource source, string destination, InterfaceFeature? scatterGather)
{
    private const double GiB = 1024.0 * 1024 * 1024;

    internal IReadOnlyList<CopyMethodResult> Of(IReadOnlyList<MethodRun> methods)
    {
        double fastest = methods.Max(method => method.Samples.Count > 0 ? Median(method.Samples).BytesPerSecond : 0);
        return [.. methods.Select(method => method.Refused.Failed ? NotPossible(method) : Measured(method, fastest))];
    }

    /// <summary>The run in the middle by speed, the slower of two; with the page cache as the last run left it.</summary>
    private static MethodSample Median(List<MethodSample> samples)
    {
        MethodSample middle = samples.OrderBy(sample => sample.BytesPerSecond).ElementAt((samples.Count - 1) / 2);
        return middle with { Source = samples[^1].Source, Destination = samples[^1].Destination };
    }

    private Textbook TextbookOf(ComparedMethod method) =>
        Textbook.Of(method, options.Target, scatterGather is not { Active: false });

    private CopyMethodResult NotPossible(MethodRun method)
    {
        Textbook textbook = TextbookOf(method.Method);
        return new()
        {
            Source = source.Path,
            Target = options.Target.ToString(),
            Destination = destination,
            Cache = options.Cache.ToString(),
            Method = method.Method.ToString(),
            Status = "NotPossible",
            ErrorName = method.Refused.Errno == Errno.None ? string.Empty : method.Refused.Errno.ToString(),
            Reason = $"{method.Method} is not possible here: {method.Reason}.",
            Length = source.Length,
            Textbook = textbook.Name,
            TextbookCpuCopies = textbook.CpuCopies,
            TextbookDmaCopies = textbook.DmaCopies,
            TextbookSystemCalls = textbook.SystemCalls,
            TextbookModeSwitches = textbook.ModeSwitches,
        };
    }

    private CopyMethodResult Measured(MethodRun method, double fastest)
    {
        List<MethodSample> samples = method.Samples;
        MethodSample median = Median(samples);
        Textbook textbook = TextbookOf(method.Method);
        double gibibytes = source.Length / GiB * samples.Count;
        long userMicroseconds = samples.Sum(sample => sample.Usage.UserMicroseconds);
        long kernelMicroseconds = samples.Sum(sample => sample.Usage.KernelMicroseconds);
        double slowest = samples.Min(sample => sample.BytesPerSecond);
        double quickest = samples.Max(sample => sample.BytesPerSecond);
        return new()
        {
            Source = source.Path,
            Target = options.Target.ToString(),
            Destination = destination,
            Cache = options.Cache.ToString(),
            Method = method.Method.ToString(),
            Status = "Measured",
            Length = source.Length,
            Runs = samples.Count,
            BytesPerSecond = median.BytesPerSecond,
            SlowestBytesPerSecond = slowest,
            FastestBytesPerSecond = quickest,
            Spread = (quickest - slowest) / median.BytesPerSecond,
            RelativeSpeed = median.BytesPerSecond / fastest,
            Elapsed = median.Elapsed,
            UserTime = TimeSpan.FromMicroseconds((double)userMicroseconds / samples.Count),
            KernelTime = TimeSpan.FromMicroseconds((double)kernelMicroseconds / samples.Count),
            UserSecondsPerGiB = userMicroseconds / 1e6 / gibibytes,
            KernelSecondsPerGiB = kernelMicroseconds / 1e6 / gibibytes,
            SystemCalls = median.SystemCalls,
            Rounds = median.Rounds,
            SystemCallsPerRound = (double)median.SystemCalls / median.Rounds,
            ModeSwitches = 2 * median.SystemCalls,
            ModeSwitchesPerRound = 2.0 * median.SystemCalls / median.Rounds,
            VoluntarySwitches = median.Usage.VoluntarySwitches,
            InvoluntarySwitches = median.Usage.InvoluntarySwitches,
            MinorFaults = median.Usage.MinorFaults,
            MajorFaults = median.Usage.MajorFaults,
            BytesFromDisk = DiskAccounting.IsKept ? median.Usage.BytesFromDisk : null,
            PeakResidentBytes = samples.Max(sample => sample.PeakResidentBytes),
            SourceBytesDropped = median.Source.Dropped,
            SourceCachedBytesBefore = median.Source.CachedBefore,
            SourceCachedBytes = median.Source.CachedAfter ?? source.CachedBytesAfterAll,
            DestinationCachedBytes = median.Destination?.CachedBytes,
            DestinationDirtyBytes = median.Destination?.DirtyBytes,
            Textbook = textbook.Name,
            TextbookCpuCopies = textbook.CpuCopies,
            TextbookDmaCopies = textbook.DmaCopies,
            TextbookSystemCalls = textbook.SystemCalls,
            TextbookModeSwitches = textbook.ModeSwitches,
            DiffersBecause = new([.. Differences.Of(new(method.Method, options, median, textbook, scatterGather))]),
        };
    }
}
