using MemTools.Tests.Support;
using Xunit.Abstractions;

namespace MemTools.Tests.Faults;

/// <summary>Copies of trees that are killed while new directories have temporary names.</summary>
public sealed class KilledTreeTests(ITestOutputHelper output)
{
    private const int Directories = 12;
    private const int FilesInEach = 250;
    private const int LongestWaitMilliseconds = 300;

    /// <summary>Each file takes two milliseconds, all of them far longer than the wait. -D: the copy is the child, not strace.</summary>
    private static readonly string[] Slowly = ["strace", "-D", "-f", "-o", "/dev/null", "-e", "trace=utimensat", "-e", "inject=utimensat:delay_enter=2000"];

    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, RecurseSubdirectories = true };

    [SkippableFact]
    public void Killed_at_any_moment_a_copy_leaves_no_half_file_under_its_name()
    {
        Tracer.SkipWhereUnusable();
        int seed = Environment.TickCount;
        Random random = new(seed);
        using ProcessFolder folder = new();
        string source = Fill(folder);
        int inTheMiddle = 0;
        for (int i = 0; i < ProcessRepeats.KilledTrees; i++)
        {
            string target = folder.MakeFolder($"target{i}");
            inTheMiddle += Kill(source, target, random.Next(LongestWaitMilliseconds)) ? 1 : 0;
            AssertVisibleFilesAreWhole(source, target, $"seed {seed}, kill {i}");
            ProcessResult next = ProcessMemTools.Run("copy", "-r", source, target + "/", "--preserve", "All", "--quiet");
            Assert.True(next.ExitCode == 0, next.ToString());
            Assert.Equal(string.Empty, ProcessRun.Require("diff", "-r", source, Path.Combine(target, "source")));
            Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(target, "*", Everything), IsTemporary);
            ProcessRun.Require("rm", "-r", target);
        }

        output.WriteLine($"seed {seed}: {ProcessRepeats.KilledTrees} killed, {inTheMiddle} with a directory that had no name yet");
        Assert.NotEqual(0, inTheMiddle);
    }

    private static string Fill(ProcessFolder folder)
    {
        string source = folder.MakeFolder("source");
        for (int d = 0; d < Directories; d++)
        {
            string directory = folder.MakeFolder($"source/d{d}");
            for (int f = 0; f < FilesInEach; f++)
                File.WriteAllBytes(Path.Combine(directory, $"f{f}"), Content.Random(500 + (d * FilesInEach) + f));
        }

        return source;
    }

    /// <summary>Kills a copy a while after its first directory; true where one had no name of its own yet.</summary>
    private static bool Kill(string source, string target, int wait)
    {
        using ProcessRun run = ProcessRun.Start([.. Slowly, .. ProcessMemTools.Command, "copy", "-r", source, target + "/", "--preserve", "All", "--quiet"]);
        run.WaitUntil(() => Directory.EnumerateFileSystemEntries(target, "*", Everything).Any());
        Thread.Sleep(wait);
        run.KillIfRunning();
        run.Wait();
        return Directory.EnumerateDirectories(target, "*", Everything).Any(IsTemporary);
    }

    private static void AssertVisibleFilesAreWhole(string source, string target, string when)
    {
        foreach (string file in Directory.EnumerateFiles(target, "*", Everything).Where(file => !IsTemporary(file)))
        {
            string original = Path.Combine(source, Path.GetRelativePath(Path.Combine(target, "source"), file));
            Assert.True(File.ReadAllBytes(original).AsSpan().SequenceEqual(File.ReadAllBytes(file)), $"{when}: {file}");
        }
    }

    /// <summary>Whether a part of the path is a temporary name.</summary>
    private static bool IsTemporary(string path) => path.Contains(".memtools-", StringComparison.Ordinal);
}
