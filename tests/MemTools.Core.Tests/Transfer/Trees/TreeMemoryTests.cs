using System.Globalization;
using MemTools.Tests.Support;
using Xunit.Abstractions;

namespace MemTools.Tests.Transfer.Trees;

/// <summary>A job takes no more memory for a tree of many entries than for one of few.</summary>
public sealed class TreeMemoryTests(ITestOutputHelper output)
{
    private const long MostOverIdle = 64 * 1024;

    [Theory]
    [InlineData(1000)]
    [InlineData(int.MaxValue)]
    public void Memory_does_not_grow_with_the_tree(int inOneFolder)
    {
        using ProcessFolder folder = new();
        string few = Fill(folder, "few", 20, inOneFolder);
        string many = Fill(folder, "many", ProcessRepeats.TreeEntries, inOneFolder);
        long idle = PeakOfSync(few, few + ".copy");
        long first = PeakOfSync(many, many + ".copy");
        long again = PeakOfSync(many, many + ".copy");
        output.WriteLine($"{ProcessRepeats.TreeEntries} entries: {first} KiB, second run {again} KiB; 20 entries: {idle} KiB");
        Assert.InRange(first - idle, long.MinValue, MostOverIdle);
        Assert.InRange(again - idle, long.MinValue, MostOverIdle);
    }

    private static string Fill(ProcessFolder folder, string name, int entries, int inOneFolder)
    {
        string root = folder.MakeFolder(name);
        for (int i = 0; i < entries; i++)
        {
            string directory = Path.Combine(root, (i / inOneFolder).ToString(CultureInfo.InvariantCulture));
            if (i % inOneFolder == 0)
                Directory.CreateDirectory(directory);
            File.WriteAllBytes(Path.Combine(directory, $"file{i}"), "x"u8.ToArray());
        }

        return root;
    }

    /// <summary>The most that was resident at once (VmHWM), in KiB: as last seen before the program ended.</summary>
    private static long PeakOfSync(string source, string destination)
    {
        using ProcessRun run = ProcessRun.Start([.. ProcessMemTools.Command, "sync", "--quiet", "--preserve", "All", source, destination]);
        long peak = 0;
        while (!run.HasExited)
        {
            peak = Math.Max(peak, PeakOf(run.Id));
            Thread.Sleep(1);
        }

        ProcessResult result = run.Wait();
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.NotEqual(0, peak);
        return peak;
    }

    private static long PeakOf(int process)
    {
        const string row = "VmHWM:";
        try
        {
            string? line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(line => line.StartsWith(row, StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line[row.Length..].TrimEnd('k', 'B').Trim(), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // It has just ended.
            return 0;
        }
    }
}
