using MemTools.Tests.Support;
using Xunit.Abstractions;

namespace MemTools.Tests.Faults;

/// <summary>Sources that change under a copy. Mapped pages beyond a new end raise SIGBUS in who touches them.</summary>
public sealed class TruncatedSourceTests(ITestOutputHelper output)
{
    private const long SourceLength = 64 * 1024 * 1024;

    [SkippableTheory]
    [InlineData("Auto")]
    [InlineData("CopyFileRange")]
    [InlineData("Sendfile")]
    [InlineData("Splice")]
    [InlineData("Mmap")]
    [InlineData("DirectIO")]
    [InlineData("ReadWrite")]
    public void TruncatedAtAnyMoment(string method)
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        using ProcessFolder folder = new(ProcessMethods.ParentFor(method));
        string target = folder.MakeFolder("out");
        string source = folder["source"];
        string original = folder.Write("original", SourceLength, seed: 1);
        string hash = ProcessFolder.Hash(original);
        int truncated = 0;
        for (int i = 0; i < ProcessRepeats.Truncations; i++)
        {
            File.Copy(original, source, overwrite: true);
            string destination = folder.Write("out/destination", 1000, seed: 2);
            string old = ProcessFolder.Hash(destination);
            // The first as soon as the copy has begun and to nothing, so that one at least is hit in the middle.
            int wait = i == 0 ? 0 : random.Next(40);
            long length = i == 0 ? 0 : random.NextInt64(SourceLength);
            using ProcessRun run = ProcessMemTools.StartCopy("--method", method, "--json", source, destination);
            run.WaitUntil(() => ProcessFolder.Temporaries(target).Length > 0);
            Thread.Sleep(wait);
            Truncate(source, length);
            ProcessResult result = run.Wait();

            string what = $"seed {seed}, truncation {i}: {result}";
            Assert.True(result.ExitCode is 0 or 1, what);
            Assert.True(ProcessFolder.Hash(destination) == (result.ExitCode == 0 ? hash : old), what);
            Assert.True(ProcessFolder.Temporaries(target).Length == 0, what);
            if (result.ExitCode == 0)
                continue;
            truncated++;
            Assert.True(ProcessReport.Of(result).ErrorId == "SourceTruncated", what);
        }

        output.WriteLine($"{ProcessRepeats.Truncations} truncated, {truncated} of them in the middle");
    }

    [SkippableTheory]
    [InlineData("CopyFileRange")]
    [InlineData("Sendfile")]
    [InlineData("Splice")]
    [InlineData("Mmap")]
    [InlineData("ReadWrite")]
    [InlineData("DirectIO")]
    public void TruncatedInTheMiddle(string method)
    {
        using ProcessFolder folder = new(ProcessMethods.ParentFor(method));
        using StoppedCopy copy = new(folder, method);
        Truncate(copy.Source, 5000);
        ProcessResult result = copy.GoOn();
        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.Equal("SourceTruncated", ProcessReport.Of(result).ErrorId);
        Assert.Contains("5000", result.Error, StringComparison.Ordinal);
        Assert.True(copy.DestinationIsOld);
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void GrownInTheMiddle(bool requireStable)
    {
        using ProcessFolder folder = new();
        using StoppedCopy copy = new(folder, "ReadWrite", requireStable ? ["--require-stable"] : []);
        string first = ProcessFolder.Hash(copy.Source);
        using (FileStream file = new(copy.Source, FileMode.Append))
            file.Write(new byte[1000]);
        ProcessResult result = copy.GoOn();
        Assert.True(result.ExitCode == (requireStable ? 1 : 0), result.ToString());
        Assert.Contains("grew", result.Error, StringComparison.Ordinal);
        if (requireStable)
        {
            Assert.Equal("SourceChanged", ProcessReport.Of(result).ErrorId);
            Assert.True(copy.DestinationIsOld);
        }
        else
        {
            Assert.Single(ProcessReport.Of(result).Warnings);
            Assert.Equal(first, ProcessFolder.Hash(copy.Destination));
        }
    }

    [SkippableFact]
    public void ASourceThatLosesItsNameInTheMiddleIsCopiedWhole()
    {
        using ProcessFolder folder = new();
        using StoppedCopy copy = new(folder, "CopyFileRange");
        string hash = ProcessFolder.Hash(copy.Source);
        File.Delete(copy.Source);
        ProcessResult result = copy.GoOn();
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(hash, ProcessFolder.Hash(copy.Destination));
    }

    private static void Truncate(string path, long length)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(length);
    }
}
