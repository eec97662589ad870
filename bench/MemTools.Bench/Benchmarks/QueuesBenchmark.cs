using System.Globalization;
using System.Threading.Channels;
using MemTools.Bench.Report;
using MemTools.Bench.Running;
using MemTools.Bench.Statistics;
using MemTools.Rings;

namespace MemTools.Bench.Benchmarks;

/// <summary>Items from thread to thread: rings and the pipe queue beside what C++ and .NET have.</summary>
internal sealed class QueuesBenchmark : IBenchmark
{
    private const string Peer = "queues.cpp";
    private const string Single = "SpscRing";
    private const string Batched = "SpscRing, batches of 64";
    private const string BoostSpsc = "C++, boost.lockfree spsc_queue";
    private const string BoostBatched = "C++, boost.lockfree spsc_queue, batches of 64";
    private const string CachedIndex = "C++, cached indices (rigtorp's design)";
    private const string CachedBatched = "C++, cached indices, batches of 64";
    private const string BoundedChannel = "Channel, bounded";
    private const string Channels = "Channel, unbounded";
    private const string Many = "ObjectRing, MultiProducer";
    private const string Sole = "ObjectRing, SingleProducer";
    private const string Locked = "ObjectRing, Spinlock";
    private const string BoostQueue = "C++, boost.lockfree queue";
    private const string Concurrent = "ConcurrentQueue (unbounded)";
    private const string Collection = "BlockingCollection";
    private const string Pipe = "PipeQueue, published every 64";
    private const string NoOp = "1..1e6 into Invoke-NoOp";
    private const string Kept = "1..1e6 into Write-RingBuffer, a ring that keeps all";
    private const string Recorded = "1..1e6 into Write-RingBuffer, -WhenFull DropOldest";

    private const int Capacity = 16384;
    private const int Batch = 64;
    private const long Items = 8_000_000;
    private const long SlowItems = 1_000_000;
    private const int LeastRounds = 15;
    private const int PipedRounds = 9;

    public string Name => "queues";

    public Section Measure(BenchmarkSettings settings)
    {
        Section section = new(Name, $"Items passed between threads: numbers of 8 bytes or references, capacity {Capacity:N0}, threads pinned");
        int rounds = Math.Max(LeastRounds, settings.Rounds);
        if (!PinnedPair.IsPossible)
        {
            section.Note("Not measured between threads: that takes two processors.");
        }
        else if (!CompiledPeer.HasCompilerFor(Peer) || !File.Exists("/usr/include/boost/lockfree/queue.hpp"))
        {
            section.Note("Not measured between threads: that takes a C++ compiler (c++) on PATH and boost.lockfree (Debian: libboost-dev) to make the peers with.");
        }
        else
        {
            using CompiledPeer peer = CompiledPeer.Of(Peer);
            Numbers(peer, rounds, section);
            References(peer, rounds, pairs: 1, section);
            References(peer, rounds, pairs: 2, section);
            Published(rounds, section);
            section.Note("A side that finds its queue full or empty pauses, and every 64th time leaves the processor to another thread, in C++ as in .NET.");
        }

        PipedObjects(settings, section);
        return section;
    }

    private static void Numbers(CompiledPeer peer, int rounds, Section section)
    {
        Samples samples = Run(
            rounds,
            new(Single, () => QueueRuns.Numbers(new SpscRingQueue<long>(new(Capacity)), Items)),
            new(Batched, () => QueueRuns.Batches(new(Capacity), Items, Batch)),
            OfPeer(peer, CachedIndex, "cached-index", Items, 1, 1),
            OfPeer(peer, CachedBatched, "cached-index", Items, 1, Batch),
            OfPeer(peer, BoostSpsc, "boost-spsc", Items, 1, 1),
            OfPeer(peer, BoostBatched, "boost-spsc", Items, 1, Batch),
            new(BoundedChannel, () => QueueRuns.Numbers(new ChannelQueue<long>(Bounded<long>()), SlowItems)));
        section.Add(TableOf("8-byte items, 1 writer, 1 reader", samples, CachedIndex));
        string fastest = samples.Median(CachedIndex) < samples.Median(BoostSpsc) ? CachedIndex : BoostSpsc;
        section.Add(Target.AtMost($"single items: time of {Single} over that of {fastest}", samples.Ratio(Single, fastest), 1));
        section.Add(Target.AtMost($"single items: time of {Single} over that of {BoundedChannel}", samples.Ratio(Single, BoundedChannel), 1.0 / 3));
        section.Add(Target.AtMost("batches of 64: time over that of single items", samples.Ratio(Batched, Single), 1.0 / 3));
        string fastestBatch = samples.Median(CachedBatched) < samples.Median(BoostBatched) ? CachedBatched : BoostBatched;
        section.Add(Target.AtMost($"batches of 64: time over that of {fastestBatch}", samples.Ratio(Batched, fastestBatch), 1));
    }

    private static void References(CompiledPeer peer, int rounds, int pairs, Section section)
    {
        List<Contender> contenders =
        [
            new(Many, () => Objects(RingConcurrency.MultiProducer, pairs)),
            new(Locked, () => Objects(RingConcurrency.Spinlock, pairs)),
            OfPeer(peer, BoostQueue, "boost-queue", SlowItems, pairs, 1),
            new(Concurrent, () => QueueRuns.References(new UnboundedQueue(new()), SlowItems, pairs)),
            new(Collection, () => QueueRuns.References(new CollectionQueue(new(Capacity)), SlowItems / 4, pairs)),
        ];
        if (pairs == 1)
            contenders.Insert(0, new(Sole, () => Objects(RingConcurrency.SingleProducer, pairs)));
        Samples samples = Run(rounds, [.. contenders]);
        int threads = 2 * pairs;
        section.Add(TableOf($"references, {threads} threads", samples, BoostQueue));
        foreach (string own in pairs == 1 ? (string[])[Sole, Many] : [Many])
        {
            section.Add(Target.AtMost($"references, {threads} threads: time of {own} over that of {BoostQueue}", samples.Ratio(own, BoostQueue), 1.0 / 2));
            section.Add(Target.AtMost($"references, {threads} threads: time of {own} over that of {Concurrent}", samples.Ratio(own, Concurrent), 1 / 1.5));
        }
    }

    private static void Published(int rounds, Section section)
    {
        UnboundedChannelOptions sole = new() { SingleReader = true, SingleWriter = true };
        Samples samples = Run(
            rounds,
            new(Pipe, () => QueueRuns.Published(Items, Batch, Items, out _)),
            new(Channels, () => QueueRuns.Numbers(new ChannelQueue<long>(Channel.CreateUnbounded<long>(sole)), SlowItems)));
        section.Add(TableOf("8-byte items, unbounded", samples, Channels));
        section.Add(Target.AtMost($"unbounded: time of {Pipe} over that of {Channels}", samples.Ratio(Pipe, Channels), 1.0 / 2));
        QueueRuns.Published(Items, Batch, longest: 128, out long allocated);
        section.Add(Target.AtMost($"bytes allocated for {Items:N0} items through a pipe queue whose reader is at most 192 behind", allocated, 0, Plain));
    }

    private static void PipedObjects(BenchmarkSettings settings, Section section)
    {
        using PowerShellHost shell = new(settings.Module, BenchmarkSettings.NoOpModule);
        shell.Execute("$ring = New-RingBuffer -Kind Object -Capacity 1MB; $recorder = New-RingBuffer -Kind Object -WhenFull DropOldest");
        // The collector too starts each run with nothing to do.
        InterleavedRun run = new(prepare: () => shell.Execute("Clear-RingBuffer $ring; [GC]::Collect()"), check: () => { });
        Samples worked = new(), collected = new();
        Samples samples = run.Measure([Piped(NoOp, "Invoke-NoOp"), Piped(Recorded, "Write-RingBuffer $recorder"), Piped(Kept, "Write-RingBuffer $ring")], PipedRounds);
        // The first, which only showed that it can be done.
        (worked, collected) = (worked.AfterTheFirst(), collected.AfterTheFirst());
        Table table = new("piped into a cmdlet", "median", "fastest", "slowest", "of it the collector's");
        foreach (string name in samples.Names.OrderBy(samples.Median))
        {
            table.AddRow(
                name,
                Figures.Milliseconds(samples.Median(name)),
                Figures.Milliseconds(samples.Smallest(name)),
                Figures.Milliseconds(samples.Largest(name)),
                Figures.Milliseconds(collected.Median(name)));
        }

        section.Add(table);
        foreach (string own in new[] { Recorded, Kept })
            section.Add(Target.AtMost($"time of {own} over that of {NoOp}", samples.Ratio(own, NoOp), 1.3));
        foreach (string own in new[] { Recorded, Kept })
            section.Add(Target.AtMost($"the same without the time in which the collector stopped both: {own}", worked.Ratio(own, NoOp), 1.3));
        section.Note("A ring that keeps a million integers keeps the collector busy: each is an object that survives and is moved.");

        Contender Piped(string name, string command) => new(name, () =>
        {
            const string pauses = "[GC]::GetTotalPauseDuration()";
            shell.Execute($"$pauses = {pauses}");
            double seconds = shell.Time($"1..1000000 | {command}");
            double paused = double.Parse(shell.Execute($"({pauses} - $pauses).TotalSeconds"), CultureInfo.InvariantCulture);
            collected.Add(name, paused);
            worked.Add(name, seconds - paused);
            return seconds;
        });
    }

    private static double Objects(RingConcurrency kind, int pairs)
    {
        using ObjectRing ring = ObjectRing.Create(new() { Capacity = Capacity, Concurrency = kind });
        return QueueRuns.References(new ObjectRingQueue(ring), SlowItems, pairs);
    }

    private static Channel<T> Bounded<T>() =>
        Channel.CreateBounded<T>(new BoundedChannelOptions(Capacity) { SingleReader = true, SingleWriter = true });

    private static Contender OfPeer(CompiledPeer peer, string name, string kind, long items, int pairs, int batch) =>
        new(name, () => peer.Time(kind, $"{items}", $"{Capacity}", $"{pairs}", $"{batch}") / items);

    private static Samples Run(int rounds, params Contender[] contenders) =>
        new InterleavedRun(prepare: () => { }, check: () => { }).Measure(contenders, rounds);

    private static Table TableOf(string title, Samples samples, string peer)
    {
        Table table = new(title, "ns an item, median", "fastest", "slowest", $"x {peer}");
        foreach (string name in samples.Names.OrderBy(samples.Median))
        {
            table.AddRow(
                name,
                Nanoseconds(samples.Median(name)),
                Nanoseconds(samples.Smallest(name)),
                Nanoseconds(samples.Largest(name)),
                Figures.Ratio(samples.Ratio(name, peer)));
        }

        return table;
    }

    private static string Nanoseconds(double seconds) => $"{Math.Ceiling(seconds * 1e11) / 100:N2}";

    private static string Plain(double value) => $"{value:N0}";
}
