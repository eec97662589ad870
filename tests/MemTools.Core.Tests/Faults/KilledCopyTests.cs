using MemTools.Tests.Support;
using Xunit.Abstractions;

namespace MemTools.Tests.Faults;

/// <summary>Copies that are killed, and what the next one makes of what they left.</summary>
public sealed class KilledCopyTests(ITestOutputHelper output)
{
    private const long SourceLength = 96 * 1024 * 1024;

    /// <summary>A copy of that length takes about as long from its first byte to its last.</summary>
    private const int LongestWaitMilliseconds = 60;

    [Fact]
    public void AtAnyMomentTheDestinationIsTheOldFileOrTheNewOne()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        using ProcessFolder folder = new();
        Scene scene = new(folder);
        int inTheMiddle = 0;
        for (int i = 0; i < ProcessRepeats.Kills; i++)
        {
            string method = ProcessMethods.Everywhere[i % ProcessMethods.Everywhere.Length];
            bool existing = i % 3 != 0;
            scene.Reset(existing);
            scene.CopyAndKill(method, random.Next(LongestWaitMilliseconds));
            Assert.True(scene.IsOldOrNew(existing), $"seed {seed}, kill {i}: the destination is neither the old nor the new file.");
            inTheMiddle += ProcessFolder.Temporaries(scene.Target).Length;
            scene.CopyAnother();
            Assert.True(ProcessFolder.Temporaries(scene.Target).Length == 0, $"seed {seed}, kill {i}: what it left is still there.");
        }

        output.WriteLine($"{ProcessRepeats.Kills} killed, {inTheMiddle} of them with a temporary left behind");
    }

    /// <summary>Not at a random moment, which on some machine may never be the one in the middle.</summary>
    [Fact]
    public void InTheMiddleItLeavesTheOldFileAndATemporaryThatTheNextOneRemoves()
    {
        using ProcessFolder folder = new();
        Scene scene = new(folder);
        scene.Reset(existing: true);
        scene.CopyEndlesslyAndKill();
        Assert.True(scene.IsOld);
        Assert.Single(ProcessFolder.Temporaries(scene.Target));
        scene.CopyAnother();
        Assert.Empty(ProcessFolder.Temporaries(scene.Target));
    }

    [Fact]
    public void ATemporaryWhoseOwnerLivesIsLeftAlone()
    {
        using ProcessFolder folder = new();
        string target = folder.MakeFolder("out");
        string old = folder.Write("out/destination", 1000, seed: 1);
        string oldHash = ProcessFolder.Hash(old);
        string fifo = folder["fifo"];
        ProcessRun.Require("mkfifo", fifo);
        string other = folder.Write("other", 1000, seed: 2);

        using ProcessRun owner = ProcessMemTools.StartCopy(fifo, old);
        byte[] half = [.. Enumerable.Repeat((byte)'a', 1000)];
        using (FileStream writer = File.OpenWrite(fifo))
        {
            writer.Write(half);
            writer.Flush();
            Assert.True(owner.WaitUntil(() => ProcessFolder.Temporaries(target).Length == 1));
            string temporary = ProcessFolder.Temporaries(target)[0];
            owner.WaitUntil(() => new FileInfo(temporary).Length == half.Length);
            owner.Halt();

            Assert.Equal(0, ProcessMemTools.Copy(other, Path.Combine(target, "other")).ExitCode);
            Assert.Equal([temporary], ProcessFolder.Temporaries(target));
            Assert.Equal(oldHash, ProcessFolder.Hash(old));

            owner.Signal(ProcessRun.Continue);
            writer.Write(half);
        }

        ProcessResult result = owner.Wait();
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal([.. half, .. half], File.ReadAllBytes(old));
        Assert.Empty(ProcessFolder.Temporaries(target));
    }

    [Fact]
    public void FilesThatOnlyLookLikeTemporariesAreLeftAlone()
    {
        using ProcessFolder folder = new();
        string target = folder.MakeFolder("out");
        string source = folder.Write("source", 1000, seed: 1);
        string[] kept =
        [
            "destination.memtools-0123456789ab", ".destination.memtools-0123456789aB", ".destination.memtools-0123456789a",
            ".memtools-0123456789ab", ".destination.memtools-0123456789abc", ".destination.memtools-0123456789ab~",
        ];
        foreach (string name in kept)
            File.WriteAllText(Path.Combine(target, name), "mine");
        Directory.CreateDirectory(Path.Combine(target, ".folder.memtools-0123456789ab/inner"));
        Directory.CreateDirectory(Path.Combine(target, ".gone.memtools-ba9876543210"));
        File.WriteAllText(Path.Combine(target, ".gone.memtools-ba9876543210/file"), "left over");
        File.CreateSymbolicLink(Path.Combine(target, ".link.memtools-0123456789ab"), source);
        File.WriteAllText(Path.Combine(target, ".gone.memtools-0123456789ab"), "left over");

        Assert.Equal(0, ProcessMemTools.Copy(source, target + "/").ExitCode);
        Assert.All(kept, name => Assert.Equal("mine", File.ReadAllText(Path.Combine(target, name))));
        Assert.True(Directory.Exists(Path.Combine(target, ".folder.memtools-0123456789ab/inner")));
        Assert.False(Directory.Exists(Path.Combine(target, ".gone.memtools-ba9876543210")));
        Assert.True(File.Exists(Path.Combine(target, ".link.memtools-0123456789ab")));
        Assert.False(File.Exists(Path.Combine(target, ".gone.memtools-0123456789ab")));
        Assert.Equal(ProcessFolder.Hash(source), ProcessFolder.Hash(Path.Combine(target, "source")));
    }

    /// <summary>A large source, an old file, and a copy of one over the other.</summary>
    private sealed class Scene
    {
        private readonly string _source;
        private readonly string _old;
        private readonly string _small;
        private readonly string _destination;
        private readonly string _sourceHash;
        private readonly string _oldHash;

        internal Scene(ProcessFolder folder)
        {
            Target = folder.MakeFolder("out");
            _destination = folder["out/destination"];
            _source = folder.Write("source", SourceLength, seed: 1);
            _old = folder.Write("old", 100_000, seed: 2);
            _small = folder.Write("small", 10, seed: 3);
            _sourceHash = ProcessFolder.Hash(_source);
            _oldHash = ProcessFolder.Hash(_old);
        }

        internal string Target { get; }

        internal void Reset(bool existing)
        {
            File.Delete(_destination);
            if (existing)
                File.Copy(_old, _destination);
        }

        internal void CopyAndKill(string method, int wait)
        {
            using ProcessRun run = ProcessMemTools.StartCopy("--method", method, _source, _destination);
            // A nameless temporary cannot be seen; the open source can.
            run.WaitUntil(() => run.HasOpen(_source));
            Thread.Sleep(wait);
            run.KillIfRunning();
            run.Wait();
        }

        internal void CopyEndlesslyAndKill()
        {
            using ProcessRun run = ProcessMemTools.StartCopy("/dev/zero", _destination);
            run.WaitUntil(() => ProcessFolder.Temporaries(Target).Any(temporary => ProcessFolder.LengthOf(temporary) > 0));
            run.KillIfRunning();
            run.Wait();
        }

        internal bool IsOld => ProcessFolder.Hash(_destination) == _oldHash;

        internal void CopyAnother() => Assert.Equal(0, ProcessMemTools.Copy(_small, Path.Combine(Target, "small")).ExitCode);

        internal bool IsOldOrNew(bool existing)
        {
            if (!File.Exists(_destination))
                return !existing;
            string hash = ProcessFolder.Hash(_destination);
            return hash == _sourceHash || (existing && hash == _oldHash);
        }
    }
}
