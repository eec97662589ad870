using System.Text.Json;
using MemTools.Tests.Support;

namespace MemTools.Tests.Faults;

/// <summary>The calls that memtools compare states, against those that strace counted in the same run.</summary>
public sealed class ComparedCallTests
{
    private const long Length = (5 * 1024 * 1024) + 123;

    [SkippableTheory]
    [InlineData("Sendfile", "sendfile", true)]
    [InlineData("Sendfile", "sendfile", false)]
    [InlineData("Splice", "splice", true)]
    [InlineData("Splice", "splice", false)]
    [InlineData("CopyFileRange", "copy_file_range", true)]
    public void EachCallIsCounted(string method, string call, bool toFile)
    {
        using ProcessFolder folder = new();
        (JsonElement row, long seen) = Compare(folder, call, [], ["--method", method, .. Target(folder, toFile)]);
        Assert.True(seen > 1, "One call says little about counting.");
        Assert.Equal(seen, row.GetProperty("SystemCalls").GetInt64());
        Assert.Equal(2 * seen, row.GetProperty("ModeSwitches").GetInt64());
    }

    /// <summary>The runtime makes these calls too, so only those on the source are counted: one a round.</summary>
    [SkippableTheory]
    [InlineData("ReadWrite", "pread64", true, 2)]
    [InlineData("ReadWrite", "pread64", false, 2)]
    [InlineData("Mmap", "mmap", true, 4)]
    [InlineData("Mmap", "mmap", false, 4)]
    public void EachRoundIsCounted(string method, string call, bool toFile, int callsOfRound)
    {
        using ProcessFolder folder = new();
        (JsonElement row, long seen) =
            Compare(folder, call, ["-P", folder["source"]], ["--method", method, .. Target(folder, toFile)]);
        Assert.True(seen > 1, "One call says little about counting.");
        Assert.Equal(seen, row.GetProperty("Rounds").GetInt64());
        Assert.Equal(seen * callsOfRound, row.GetProperty("SystemCalls").GetInt64());
    }

    private static string[] Target(ProcessFolder folder, bool toFile) => toFile ? ["--destination", folder.Root] : ["--to-socket"];

    private static (JsonElement Row, long Seen) Compare(ProcessFolder folder, string call, string[] filter, string[] arguments)
    {
        Tracer.SkipWhereUnusable();
        string source = folder.Write("source", Length, seed: 1);
        string log = folder["strace.log"];
        string[] before = ["strace", "-f", "-c", "-U", "calls,name", "-o", log, "-e", "trace=" + call, .. filter];
        using ProcessRun run =
            ProcessRun.Start([.. before, .. ProcessMemTools.Command, "compare", "--json", "--count", "1", .. arguments, source]);
        ProcessResult result = run.Wait();
        Assert.True(result.ExitCode == 0, result.ToString());
        return (JsonDocument.Parse(result.Output).RootElement, Read(log)[call]);
    }

    private static Dictionary<string, long> Read(string log) => File.ReadLines(log)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(fields => fields.Length == 2 && long.TryParse(fields[0], out _) && fields[1] != "total")
        .ToDictionary(fields => fields[1], fields => long.Parse(fields[0], null));
}
