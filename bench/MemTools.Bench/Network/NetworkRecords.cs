using MemTools.Bench.Benchmarks;
using MemTools.Bench.Places;
using MemTools.Bench.Report;
using MemTools.Bench.Running;
using MemTools.Bench.Statistics;

namespace MemTools.Bench.Network;

/// <summary>
/// From which size of a record on does sendfile pay? Loops in C, so that it is the calls that are compared and nothing
/// else: with a call to each record, and with a header before each as a protocol has it.
/// </summary>
internal static class NetworkRecords
{
    private const long Bytes = 128L * 1024 * 1024;

    private static readonly long[] Sizes = [512, 1024, 2048, 4096, 8192, 16384, 65536, 262144];

    private static readonly (string Method, string Title)[] Alone =
        [("sendfile", "sendfile"), ("readwrite", "read, write"), ("mmap", "write from a mapping")];

    private static readonly (string Method, string Title)[] Framed =
        [("framed", "send, sendfile"), ("gathered", "reads gathered, write"), ("mapped", "mapping, writev")];

    internal static void Measure(Place place, int rounds, Section section)
    {
        string source = place.PathOf("records");
        TestFiles.Fill(source, Bytes);
        TestFiles.Warm(source);
        using RawContenders contenders = new(new());
        section.Add(Table($"sender's processor a MiB, one call a record", Alone, contenders, source, rounds));
        section.Add(Table($"the same, a header of 16 bytes before each record", Framed, contenders, source, rounds));
        File.Delete(source);
    }

    private static Table Table(
        string title, (string Method, string Title)[] methods, RawContenders contenders, string source, int rounds)
    {
        Table table = new([title, .. methods.Select(method => method.Title), $"{methods[0].Title} over {methods[1].Title}"]);
        foreach (long size in Sizes)
        {
            InterleavedRun run = new(prepare: () => { }, check: () => { });
            Samples samples = run.MeasureAll(
                [.. methods.Select(method => new Contender(method.Method, () => contenders.ProcessorOfRecords(method.Method, source, size)))],
                rounds);
            table.AddRow(
            [
                Figures.Size(size),
                .. methods.Select(method => Figures.Microseconds(samples.Median(method.Method) / (Bytes >> 20))),
                Figures.Ratio(samples.Ratio(methods[0].Method, methods[1].Method)),
            ]);
        }

        return table;
    }
}
