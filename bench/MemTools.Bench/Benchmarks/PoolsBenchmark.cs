using System.Globalization;
using MemTools.Bench.Report;
using MemTools.Bench.Running;
using MemTools.Bench.Statistics;
using MemTools.Pools;

namespace MemTools.Bench.Benchmarks;

/// <summary>The pools beside boost::pool, the general allocators called from C, and what .NET has.</summary>
internal sealed class PoolsBenchmark : IBenchmark
{
    private const string Peer = "pool_peer.cpp";
    private const string Raw = "FixedPool, raw handle";
    private const string Checked = "FixedPool, checked handle";
    private const string Assigned = "FixedPool, checked handle, assigned";
    private const string AnyThread = "FixedPool.Rent() without a session";
    private const string Boost = "boost::pool";
    private const string Native = "NativeMemory";
    private const string Arrays = "ArrayPool.Shared";
    private const string SizeClass = "SizeClassPool";
    private const string Region = "RegionPool";
    private const string Bump = "C, the same bump loop";
    private const string Glibc = "C, glibc malloc";
    private const string TCMalloc = "C, tcmalloc";
    private const string Mimalloc = "C, mimalloc";

    // So many that the fastest of a table works for 20 ms or more: what the machine does besides takes milliseconds.
    private const long PairCount = 35_000_000;
    private const long SlowPairCount = 5_000_000;
    private const long SmallBatchCount = 3_000_000;
    private const long LargeBatchCount = 2_000_000;
    private const long ThreadCount = 4_000_000;
    private const long HandOverCount = 500_000;
    private const long RegionCount = 20_000_000;
    private const long MixedCount = 2_000_000;

    /// <summary>Of each call before the first that counts.</summary>
    private const long WarmCount = 20 * PoolRuns.Depth;

    /// <summary>Enough for most blocks to come from lists that have settled: what runs often is compiled to be fast.</summary>
    private const long WarmMixedCount = 250_000;

    // The speed of this machine's processors changes within a second, by up to two: many short rounds, so that in most of
    // them those that are compared had the same.
    private const int MixedRounds = 15;
    private const int RegionRounds = 45;

    /// <summary>Name and library, which is preloaded; null for the C library's own.</summary>
    private static readonly (string Name, string? File)[] General =
        [(Glibc, null), ("C, jemalloc", "libjemalloc.so.2"), (TCMalloc, "libtcmalloc_minimal.so.4"), (Mimalloc, "libmimalloc.so.2")];

    private static readonly string[] Folders =
        ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib"];

    public string Name => "pools";

    public Section Measure(BenchmarkSettings settings)
    {
        Section section = new(Name, $"Pools: rents and returns, single (pairs) or {PoolRuns.Depth} deep (batches)");
        if (!CompiledPeer.HasCompilerFor(Peer) || !File.Exists("/usr/include/boost/pool/pool.hpp"))
        {
            section.Note("Not measured: that takes a C++ compiler (c++) on PATH and boost::pool (Debian: libboost-dev) to make the peers with.");
            return section;
        }

        using CompiledPeer peer = CompiledPeer.Of(Peer);
        Dictionary<string, string?> libraries = Installed(section);
        foreach (int size in new[] { 64, 1024 })
        {
            Pairs(size, peer, libraries, settings.Rounds, section);
            SlowPairs(size, peer, settings.Rounds, section);
            Batches(size, size == 64 ? SmallBatchCount : LargeBatchCount, peer, libraries, settings.Rounds, section);
        }

        if (PinnedPair.IsPossible)
        {
            TwoThreads(peer, libraries, settings.Rounds, section);
            HandOver(peer, libraries, settings.Rounds, section);
        }

        Mixed(peer, libraries, section);
        Regions(peer, section);
        ManagedAllocation(section);
        section.Note("A session is a local variable with the pool's list of free blocks, for one thread; the rows of both handles use one. Without one, each call takes and releases the pool.");
        section.Note("Batches of checked handles are written into an array by session.RentInto, which tells the garbage collector of a reference only where it is a new one; \"assigned\" is `array[i] = session.Rent()`.");
        section.Note("The general allocators are called by a program in C++ under LD_PRELOAD.");
        return section;
    }

    private static void Pairs(int size, CompiledPeer peer, Dictionary<string, string?> libraries, int rounds, Section section)
    {
        using FixedPool pool = FixedPool.Create(new() { BlockSize = size, Count = 2 * PoolRuns.Depth });
        Work[] own =
        [
            new(Raw, n => PoolRuns.RawPairs(pool, n)),
            new(Checked, n => PoolRuns.CheckedPairs(pool, n)),
        ];
        Samples samples = Run(own, NativePeers("pair", size, peer, libraries), PairCount, rounds);
        string what = $"{size} bytes, pairs";
        section.Add(TableOf($"{what}, {PairCount:N0} of each", samples, PairCount, Boost));
        AddTargets(what, samples, libraries, 1.2, 0.6, section);
    }

    /// <summary>What takes twenty times as long as a session has a table of its own, or all of it would take that long.</summary>
    private static void SlowPairs(int size, CompiledPeer peer, int rounds, Section section)
    {
        using FixedPool pool = FixedPool.Create(new() { BlockSize = size, Count = 2 * PoolRuns.Depth });
        Work[] own =
        [
            new(AnyThread, n => PoolRuns.AnyThreadPairs(pool, n)),
            new(Native, n => PoolRuns.NativePairs(size, n)),
            new(Arrays, n => PoolRuns.ArrayPairs(size, n)),
        ];
        Samples samples = Run(own, [new(Glibc, n => Time(peer, null, "malloc", "pair", size, n))], SlowPairCount, rounds);
        section.Add(TableOf($"{size} bytes, pairs, without a session, {SlowPairCount:N0} of each", samples, SlowPairCount, Glibc));
    }

    private static void Batches(
        int size, long count, CompiledPeer peer, Dictionary<string, string?> libraries, int rounds, Section section)
    {
        using FixedPool pool = FixedPool.Create(new() { BlockSize = size, Count = 2 * PoolRuns.Depth });
        Work[] own =
        [
            new(Raw, n => PoolRuns.RawBatches(pool, n)),
            new(Checked, n => PoolRuns.CheckedBatches(pool, n)),
            new(Assigned, n => PoolRuns.AssignedBatches(pool, n)),
            new(AnyThread, n => PoolRuns.AnyThreadBatches(pool, n)),
            new(Native, n => PoolRuns.NativeBatches(size, n)),
            new(Arrays, n => PoolRuns.ArrayBatches(size, n)),
        ];
        Samples samples = Run(own, NativePeers("batch", size, peer, libraries), count, rounds);
        string what = $"{size} bytes, batches";
        section.Add(TableOf($"{what}, {count:N0} of each", samples, count, Boost));
        AddTargets(what, samples, libraries, 1.3, 1.0, section);
    }

    private static Work[] NativePeers(string pattern, int size, CompiledPeer peer, Dictionary<string, string?> libraries) =>
        [new(Boost, n => Time(peer, null, "boost", pattern, size, n)), .. Peers(peer, libraries, pattern, size)];

    private static void AddTargets(
        string what, Samples samples, Dictionary<string, string?> libraries, double mostRaw, double mostChecked, Section section)
    {
        string best = libraries.Keys.MinBy(samples.Median)!;
        section.Add(Target.AtMost($"{what}: {Raw} over {Boost}", samples.Ratio(Raw, Boost), mostRaw));
        section.Add(Target.AtMost($"{what}: {Checked} over the best general allocator ({best})", samples.Ratio(Checked, best), mostChecked));
    }

    private static void TwoThreads(CompiledPeer peer, Dictionary<string, string?> libraries, int rounds, Section section)
    {
        const int size = 64;
        using FixedPool pool = FixedPool.Create(new() { BlockSize = size, Count = 8 * PoolRuns.Depth, Concurrent = true });
        Work[] own =
        [
            new(Raw, n => PoolRuns.RawThreads(pool, n)),
            new(Checked, n => PoolRuns.CheckedThreads(pool, n)),
        ];
        Samples samples = Run(own, Peers(peer, libraries, "threads", size), ThreadCount, rounds);
        section.Add(TableOf($"-Concurrent, 64 bytes, two threads, batches, {ThreadCount:N0} of each", samples, ThreadCount, TCMalloc));
        if (libraries.ContainsKey(TCMalloc))
            section.Add(Target.AtMost($"-Concurrent, two threads: {Raw} over {TCMalloc}", samples.Ratio(Raw, TCMalloc), 1.0));
    }

    private static void HandOver(CompiledPeer peer, Dictionary<string, string?> libraries, int rounds, Section section)
    {
        const int size = 64;
        using FixedPool pool = FixedPool.Create(new() { BlockSize = size, Count = 8 * PoolRuns.Depth, Concurrent = true });
        Work[] own = [new(Raw, n => PoolRuns.HandOver(pool, n))];
        Samples samples = Run(own, Peers(peer, libraries, "handover", size), HandOverCount, rounds);
        section.Add(TableOf(
            $"-Concurrent, 64 bytes, rented by one thread and returned by another, {HandOverCount:N0} of each", samples, HandOverCount, Mimalloc));
        if (libraries.ContainsKey(Mimalloc))
            section.Add(Target.AtMost($"-Concurrent, producer and consumer: {Raw} over {Mimalloc}", samples.Ratio(Raw, Mimalloc), 1.0));
    }

    private static void Mixed(CompiledPeer peer, Dictionary<string, string?> libraries, Section section)
    {
        Samples memory = new();
        Contender[] own =
        [
            new(SizeClass, () =>
            {
                double seconds = PoolRuns.Mixed(MixedCount, out long resident);
                memory.Add(SizeClass, resident);
                return seconds;
            }),
        ];
        Compilation.Settle(() => PoolRuns.Mixed(WarmMixedCount, out _));
        Samples samples = new InterleavedRun(prepare: () => { }, check: () => { })
            .Measure([.. own, .. Peers(peer, libraries, "mixed", 0).Select(work => work.Of(MixedCount))], MixedRounds);
        foreach ((string name, string? library) in libraries)
            memory.Add(name, Time(peer, library, "malloc", "resident", 0, MixedCount));
        Table table = new($"mixed sizes of 16 to 4095 bytes, {MixedCount:N0} of each", "median", "ns", $"x {TCMalloc}", "resident");
        foreach (string name in samples.Names.OrderBy(samples.Median))
        {
            table.AddRow(
                name, Figures.Milliseconds(samples.Median(name)), Nanoseconds(samples.Median(name), MixedCount),
                Relative(samples, name, TCMalloc), Figures.Mebibytes(memory.Median(name)));
        }

        section.Add(table);
        if (!libraries.ContainsKey(TCMalloc))
            return;
        section.Add(Target.AtMost($"mixed sizes: {SizeClass} over {TCMalloc}", samples.Ratio(SizeClass, TCMalloc), 1.1));
        section.Add(Target.AtMost($"mixed sizes: resident memory of {SizeClass} over that of {TCMalloc}", memory.Median(SizeClass) / memory.Median(TCMalloc), 1.1));
    }

    private static void Regions(CompiledPeer peer, Section section)
    {
        const int size = 64;
        using RegionPool region = RegionPool.Create();
        Samples samples = Run(
            [new(Region, n => PoolRuns.Regions(region, size, n))],
            [new(Bump, n => Time(peer, null, "bump", "batch", size, n))],
            RegionCount,
            RegionRounds);
        section.Add(TableOf($"region, {size} bytes, reset after {PoolRuns.Depth} blocks, {RegionCount:N0} of each", samples, RegionCount, Bump));
        section.Add(Target.AtMost($"{Region} over {Bump}", samples.Ratio(Region, Bump), 1.5));
    }

    private static void ManagedAllocation(Section section)
    {
        using FixedPool pool = FixedPool.Create(new() { BlockSize = 64, Count = 2 * PoolRuns.Depth });
        using FixedPool concurrent = FixedPool.Create(new() { BlockSize = 64, Count = 2 * PoolRuns.Depth, Concurrent = true });
        _ = PoolRuns.Allocated(pool) + PoolRuns.Allocated(concurrent);
        // The arrays that hold the handles are there before the count begins.
        double bytes = PoolRuns.Allocated(pool) + PoolRuns.Allocated(concurrent);
        section.Add(Target.AtMost("managed heap: bytes allocated by 400,000 rents and returns of all handles", bytes, 0, value => $"{value:N0}"));
    }

    private static Work[] Peers(CompiledPeer peer, Dictionary<string, string?> libraries, string pattern, int size) =>
        [.. libraries.Select(one => new Work(one.Key, n => Time(peer, one.Value, "malloc", pattern, size, n)))];

    private static Samples Run(Work[] own, Work[] others, long count, int rounds)
    {
        Compilation.Settle(() =>
        {
            foreach (Work work in own)
                work.Run(WarmCount);
        });
        return new InterleavedRun(prepare: () => { }, check: () => { })
            .MeasureWarm([.. own.Concat(others).Select(work => work.Of(count))], rounds);
    }

    private static double Time(CompiledPeer peer, string? library, string allocator, string pattern, int size, long count) =>
        peer.TimeWith(library, allocator, pattern, $"{size}", $"{count}");

    private static Table TableOf(string title, Samples samples, long count, string over)
    {
        Table table = new(title, "median", "fastest", "slowest", "ns", $"x {over}");
        foreach (string name in samples.Names.OrderBy(samples.Median))
        {
            table.AddRow(
                name,
                Figures.Milliseconds(samples.Median(name)),
                Figures.Milliseconds(samples.Smallest(name)),
                Figures.Milliseconds(samples.Largest(name)),
                Nanoseconds(samples.Median(name), count),
                Relative(samples, name, over));
        }

        return table;
    }

    private static string Relative(Samples samples, string name, string over) =>
        samples.Names.Contains(over) ? Figures.Ratio(samples.Ratio(name, over)) : string.Empty;

    private static string Nanoseconds(double seconds, long count) => (seconds / count * 1e9).ToString("N2", CultureInfo.InvariantCulture);

    private static Dictionary<string, string?> Installed(Section section)
    {
        Dictionary<string, string?> found = [];
        foreach ((string name, string? file) in General)
        {
            string? path = file is null ? null : Folders.Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
            if (file is null || path is not null)
                found[name] = path;
            else
                section.Note($"{name}: not measured, {file} is not installed.");
        }

        return found;
    }

    /// <summary>What is done any number of times, and how long that took.</summary>
    private sealed record Work(string Name, Func<long, double> Run)
    {
        internal Contender Of(long count) => new(Name, () => Run(count));
    }
}
