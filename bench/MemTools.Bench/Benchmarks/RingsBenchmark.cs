using MemTools.Bench.Report;
using MemTools.Bench.Running;
using MemTools.Bench.Statistics;
using MemTools.Rings;

namespace MemTools.Bench.Benchmarks;

/// <summary>Records of bytes from one thread to another: the byte ring beside a kfifo in C++.</summary>
internal sealed class RingsBenchmark : IBenchmark
{
    private const string Peer = "kfifo.cpp";
    private const string Stream = "ByteRing, TryWrite and TryRead";
    private const string Shared = "the same between two processes";
    private const string Records = "ByteRing of records";
    private const string Spans = "ByteRing, without a copy";
    private const string Plain = "C++ kfifo";
    private const string Cached = "C++ kfifo with cached indices";
    private const int Capacity = 256 * 1024;
    private const int LeastRounds = 9;

    private static readonly (int Size, long Count)[] Loads = [(64, 8_000_000), (1024, 1_000_000), (65536, 32_768)];

    public string Name => "rings";

    public Section Measure(BenchmarkSettings settings)
    {
        Section section = new(Name, $"Records passed from one thread to another through a ring of {Figures.Size(Capacity)}, both threads pinned");
        if (!PinnedPair.IsPossible || !CompiledPeer.HasCompilerFor(Peer))
        {
            section.Note("Not measured: that takes two processors and a C++ compiler (c++) on PATH to make the peer with.");
            return section;
        }

        using CompiledPeer peer = CompiledPeer.Of(Peer);
        using SharedRingReader reader = SharedRingReader.Start();
        foreach ((int size, long count) in Loads)
            Measure(size, count, Math.Max(LeastRounds, settings.Rounds), peer, reader, section);
        section.Note("Without a copy the bytes are made in the ring and looked at there, where the others copy them in and out.");
        return section;
    }

    private static void Measure(int size, long count, int rounds, CompiledPeer peer, SharedRingReader reader, Section section)
    {
        InterleavedRun run = new(prepare: () => { }, check: () => { });
        Contender[] contenders =
        [
            new(Stream, () => RingRuns.Stream(size, count, Capacity)),
            new(Shared, () => reader.Time(size, count, Capacity)),
            new(Records, () => RingRuns.Records(size, count, Capacity)),
            new(Spans, () => RingRuns.Spans(size, count, Capacity)),
            new(Plain, () => peer.Time("plain", $"{count}", $"{size}", $"{Capacity}")),
            new(Cached, () => peer.Time("cached", $"{count}", $"{size}", $"{Capacity}")),
        ];
        Samples samples = run.Measure(contenders, rounds);
        Table table = new($"records of {Figures.Size(size)}", "median", "fastest", "slowest", "ns a record", "GB/s", $"x {Plain}");
        foreach (string name in samples.Names.OrderBy(samples.Median))
        {
            table.AddRow(
                name,
                Figures.Milliseconds(samples.Median(name)),
                Figures.Milliseconds(samples.Smallest(name)),
                Figures.Milliseconds(samples.Largest(name)),
                $"{samples.Median(name) / count * 1e9:N1}",
                Figures.Rate(size * count / samples.Median(name)),
                Figures.Ratio(samples.Ratio(name, Plain)));
        }

        section.Add(table);
        foreach (string other in new[] { Plain, Cached })
            section.Add(Target.AtMost($"{Figures.Size(size)}: time of {Stream} over that of {other}", samples.Ratio(Stream, other), 1));
        // Nine tenths of the speed.
        section.Add(Target.AtMost($"{Figures.Size(size)}: time between two processes over that within one", samples.Ratio(Shared, Stream), 1 / 0.9));
    }
}
