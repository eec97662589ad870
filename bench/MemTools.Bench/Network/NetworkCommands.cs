using MemTools.Bench.Benchmarks;
using MemTools.Bench.Places;
using MemTools.Bench.Report;
using MemTools.Bench.Running;
using MemTools.Bench.Statistics;

namespace MemTools.Bench.Network;

/// <summary>Send-FileZeroCopy to Receive-FileZeroCopy, with the whole protocol: one large file, many small ones.</summary>
internal static class NetworkCommands
{
    private const string Plain = "Send-FileZeroCopy -Verify None";
    private const string Default = "Send-FileZeroCopy (Sha256)";
    private const string Splice = "Send-FileZeroCopy -Verify None -Method Splice";
    private const string ReadWrite = "Send-FileZeroCopy -Verify None -Method ReadWrite";
    private const string Four = "Send-FileZeroCopy -Verify None -ConnectionCount 4";
    private const string Rsync = "rsync daemon";
    private const int FileSize = 4096;
    private const double MostTimeOverRsync = 1.0 / 3;

    internal static void Measure(Place place, string source, BenchmarkSettings settings, int rounds, Section section)
    {
        string destination = Directory.CreateDirectory(place.PathOf("received")).FullName;
        using CommandPair pair = new(settings.Module, destination);
        MeasureLarge(place, source, destination, pair, settings, rounds, section);
        MeasureSmall(place, destination, pair, settings, rounds, section);
    }

    private static void MeasureLarge(
        Place place, string source, string destination, CommandPair pair, BenchmarkSettings settings, int rounds, Section section)
    {
        ProcessorSamples processor = new();
        string arrived = Path.Combine(destination, Path.GetFileName(source));
        using RawContenders raw = new(new());
        Contender loop = raw.All(source, arrived, _ => { }).First(contender => contender.Name == RawContenders.Loop);
        InterleavedRun run = new(
            prepare: () =>
            {
                File.Delete(arrived);
                Place.Settle();
            },
            check: () =>
            {
                if (new FileInfo(arrived).Length != settings.LargeBytes)
                    throw new CommandFailedException("What arrived does not have the length of the source.");
            });
        Contender Of(string name, string options) => new(name, () => processor.Add(name, pair.Send(source, options)));
        Samples samples = run.MeasureAll(
        [
            Of(Plain, "-Verify None"),
            Of(Splice, "-Verify None -Method Splice"),
            Of(ReadWrite, "-Verify None -Method ReadWrite"),
            Of(Four, "-Verify None -ConnectionCount 4"),
            Of(Default, string.Empty),
            loop,
        ],
        rounds);
        string title = $"{place.Name}, whole commands";
        section.Add(NetworkTable.Of(title, samples, processor, settings.LargeBytes, RawContenders.Loop, ReadWrite));
        section.Add(Target.AtMost($"{title}: time with -Verify None over the loop of C", samples.Ratio(Plain, RawContenders.Loop), 1 / 0.95));
        section.Add(Target.AtMost($"{title}: sender's processor over -Method ReadWrite", processor.Sender.Ratio(Plain, ReadWrite), 0.35));
        pair.Collect();
        File.Delete(arrived);
        NetworkMemory.Measure(title, pair.SenderId, pair.ReceiverId, () => pair.Send(source, string.Empty), section);
        File.Delete(arrived);
    }

    private static void MeasureSmall(
        Place place, string destination, CommandPair pair, BenchmarkSettings settings, int rounds, Section section)
    {
        string folder = Directory.CreateDirectory(place.PathOf("files")).FullName;
        for (int i = 0; i < settings.Files; i++)
            TestFiles.Fill(Path.Combine(folder, $"{i:D6}"), FileSize);
        string[] ours = [Plain, Default];
        List<Contender> contenders =
        [
            new(Plain, () => pair.SendFolder(folder, "-Verify None")),
            new(Default, () => pair.SendFolder(folder, string.Empty)),
        ];
        using RsyncDaemon? daemon = ProcessTimer.IsOnPath("rsync") ? new(destination) : null;
        if (daemon is not null)
            contenders.Add(new(Rsync, () => daemon.Send(folder)));
        else
            section.Note("The rsync daemon was not measured: rsync is not installed.");
        InterleavedRun run = new(
            prepare: () =>
            {
                Empty(destination);
                // Ten thousand results of the run before are garbage, which nobody is to clear away during the next.
                pair.Collect();
                Place.Settle();
            },
            check: () =>
            {
                if (Directory.EnumerateFiles(destination, "*", SearchOption.AllDirectories).Count() != settings.Files)
                    throw new CommandFailedException("Not all files arrived.");
            });
        Samples samples = run.MeasureAll(contenders, rounds);
        string title = $"{place.Name}, {settings.Files:N0} files of {Figures.Size(FileSize)}";
        section.Add(ShareTable.Of(title, samples, ("a file", settings.Files)));
        foreach (string name in ours.Where(_ => daemon is not null))
            section.Add(Target.AtMost($"{title}: {name} over rsync", samples.Ratio(name, Rsync), MostTimeOverRsync));
        Empty(destination);
        Directory.Delete(folder, recursive: true);
    }

    private static void Empty(string folder)
    {
        foreach (string child in Directory.EnumerateDirectories(folder))
            Directory.Delete(child, recursive: true);
        foreach (string file in Directory.EnumerateFiles(folder))
            File.Delete(file);
    }
}
