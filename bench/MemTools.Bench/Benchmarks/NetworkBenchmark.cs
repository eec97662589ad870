using MemTools.Bench.Network;
using MemTools.Bench.Places;
using MemTools.Bench.Report;
using MemTools.Bench.Running;
using MemTools.Bench.Statistics;

namespace MemTools.Bench.Benchmarks;

/// <summary>Between two processes over loopback: raw sockets, whole commands, many small files, small records, memory.</summary>
internal sealed class NetworkBenchmark : IBenchmark
{
    private const double MostTimeOverLoop = 1 / 0.95;
    private const double MostTimeOverSocat = 0.5;
    private const double MostProcessorOverLoop = 1.15;
    private const double MostProcessorOverReadWrite = 0.35;

    /// <summary>Of all rounds that are asked for: a gigabyte for each of a dozen contenders takes its time.</summary>
    private const int MostRounds = 5;

    private const string NullDevice = "/dev/null";

    public string Name => "network";

    public Section Measure(BenchmarkSettings settings)
    {
        Section section = new(Name, $"Over loopback: {Figures.Size(settings.LargeBytes)}, small files, small records");
        if (!CompiledPeer.HasCompiler)
        {
            section.Note("Not measured: there is no C compiler (cc) on PATH to make the peer with.");
            return section;
        }

        int rounds = Math.Min(settings.Rounds, MostRounds);
        foreach (Place place in Place.Available(2 * settings.LargeBytes, section.Note))
        {
            using (place)
            {
                string source = place.PathOf("source");
                TestFiles.Fill(source, settings.LargeBytes);
                TestFiles.Warm(source);
                MeasureRaw(place, source, NullDevice, settings, rounds, section);
                MeasureRaw(place, source, place.PathOf("destination"), settings, rounds, section);
                NetworkCommands.Measure(place, source, settings, rounds, section);
                if (place is TmpfsPlace)
                    NetworkRecords.Measure(place, rounds, section);
            }
        }

        return section;
    }

    private static void MeasureRaw(Place place, string source, string destination, BenchmarkSettings settings, int rounds, Section section)
    {
        ProcessorSamples processor = new();
        using RawContenders contenders = new(processor);
        bool isFile = destination != NullDevice;
        InterleavedRun run = new(
            prepare: () =>
            {
                if (isFile)
                    File.Delete(destination);
                Place.Settle();
            },
            check: () =>
            {
                if (isFile && new FileInfo(destination).Length != settings.LargeBytes)
                    throw new CommandFailedException("What arrived does not have the length of the source.");
            });
        Samples samples = run.MeasureAll([.. contenders.All(source, destination, section.Note)], rounds);
        string title = $"{place.Name} to {(isFile ? "a file" : NullDevice)}";
        section.Add(NetworkTable.Of(title, samples, processor, settings.LargeBytes, RawContenders.Loop, RawContenders.ReadWriteLoop));
        AddTargets(section, title, samples, processor.Sender);
        NetworkMemory.Measure(contenders, source, destination, title, section);
        if (isFile)
            File.Delete(destination);
    }

    private static void AddTargets(Section section, string title, Samples samples, Samples sender)
    {
        (string Method, string Loop)[] pairs = [("Sendfile", RawContenders.Loop), ("Splice", RawContenders.SpliceLoop)];
        foreach ((string method, string loop) in pairs)
        {
            string ours = RawContenders.Ours(method);
            section.Add(Target.AtMost($"{title}: time of {method} over the loop of C", samples.Ratio(ours, loop), MostTimeOverLoop));
            if (samples.Names.Contains(RawContenders.Socat))
                section.Add(Target.AtMost($"{title}: time of {method} over socat", samples.Ratio(ours, RawContenders.Socat), MostTimeOverSocat));
            section.Add(Target.AtMost($"{title}: sender's processor, {method} over the loop of C", sender.Ratio(ours, loop), MostProcessorOverLoop));
            section.Add(Target.AtMost(
                $"{title}: sender's processor, {method} over ReadWrite", sender.Ratio(ours, RawContenders.Ours("ReadWrite")), MostProcessorOverReadWrite));
        }
    }
}
