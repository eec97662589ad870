using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.Transfer;

/// <summary>A source that changes while it is copied: cut it is an error, grown or modified a warning or an error.</summary>
public class ChangingSourceTests
{
    private const int Length = 12 * 1024 * 1024;

    private static readonly byte[] Old = Content.Random(5000, seed: 7);
    private static readonly byte[] Bytes = Content.Random(Length);

    public static TheoryData<CopyMethod> Methods => [.. Volumes.Methods.Where(method => method != CopyMethod.Reflink)];

    [SkippableTheory]
    [MemberData(nameof(Methods))]
    public void A_source_that_becomes_shorter_is_an_error_and_the_old_file_stays(CopyMethod method)
    {
        using Volumes volumes = new(Route.DiskToDisk, method);
        string destination = volumes.To.Write("copy", Old);
        foreach (int left in (int[])[0, 1, 100_001, (6 * 1024 * 1024) + 77, Length - 1])
        {
            string source = volumes.From.Write("source", Bytes);
            TransferException error = Copies.Fails(
                ErrorKind.SourceTruncated, source, destination, new() { Method = method }, PieceWatcher.AtFirstPiece(() => SetLength(source, left)));
            Assert.Contains($"it had {Length} bytes and has {left}", error.Message, StringComparison.Ordinal);
            Assert.Contains("is as it was", error.Message, StringComparison.Ordinal);
            Assert.Equal(Old, File.ReadAllBytes(destination));
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Methods))]
    public void A_source_that_grows_is_copied_to_its_first_length_with_a_warning(CopyMethod method)
    {
        using Volumes volumes = new(Route.DiskToDisk, method);
        string source = volumes.From.Write("source", Bytes);
        FileTransferResult result = Copies.Copy(
            source, volumes.To["copy"], new() { Method = method }, PieceWatcher.AtFirstPiece(() => SetLength(source, Length + 5000)));
        Content.AssertSame(Bytes, volumes.To["copy"]);
        Assert.True(result.SourceChanged);
        Assert.Contains($"grew from {Length} to {Length + 5000} bytes", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [MemberData(nameof(Methods))]
    public void A_source_that_is_modified_is_copied_with_a_warning(CopyMethod method)
    {
        using Volumes volumes = new(Route.DiskToDisk, method);
        string source = MakeOld(volumes.From.Write("source", Bytes));
        FileTransferResult result = Copies.Copy(
            source, volumes.To["copy"], new() { Method = method }, PieceWatcher.AtFirstPiece(() => Modify(source)));
        Assert.True(result.SourceChanged);
        Assert.Contains("was modified", Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.Equal(Length, new FileInfo(volumes.To["copy"]).Length);
    }

    /// <summary>So that its data seem to end in the middle of a block, and to go on there.</summary>
    [SkippableTheory]
    [MemberData(nameof(Methods))]
    public void A_source_with_holes_that_is_cut_and_grows_again_is_copied_or_was_cut(CopyMethod method)
    {
        const int second = 2 << 20;
        using Volumes volumes = new(Route.DiskToDisk, method);
        string source = SparseFile.Make(volumes.From["source"], Length, (0, Bytes[..second]), (2 * second, Bytes[..second]));
        string destination = volumes.To.Write("copy", Old);
        PieceWatcher watcher = new(job => SetLength(source, job.BytesDone < 2 * second ? (2 * second) + 1001 : Length), once: false);
        CopyOrFail(source, destination, method, session => session.Observers = [watcher]);
        Assert.True(watcher.Pieces > 1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void RequireStable_makes_a_change_an_error_and_the_old_file_stays(bool grows)
    {
        using TempDirectory folder = new();
        string source = MakeOld(folder.Write("source", Bytes));
        string destination = folder.Write("copy", Old);
        TransferException error = Copies.Fails(
            ErrorKind.SourceChanged,
            source,
            destination,
            new() { RequireStable = true },
            PieceWatcher.AtFirstPiece(() => Change(source, grows)));
        Assert.Contains(grows ? "grew" : "was modified", error.Message, StringComparison.Ordinal);
        Assert.Equal(Old, File.ReadAllBytes(destination));
    }

    [Fact]
    public void RequireStable_takes_a_source_that_stays_as_it_is()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", Bytes);
        Assert.False(Copies.Copy(source, folder["copy"], new() { RequireStable = true }).SourceChanged);
    }

    /// <summary>Another thread cuts the source and lets it grow again all the time: a copy, an error, and never a signal.</summary>
    [SkippableTheory]
    [MemberData(nameof(Methods))]
    public void A_source_that_is_cut_at_any_moment_is_copied_or_an_error(CopyMethod method)
    {
        using Volumes volumes = new(Route.DiskToDisk, method);
        string source = volumes.From.Write("source", Bytes);
        string destination = volumes.To.Write("copy", Old);
        using CancellationTokenSource done = new();
        Thread cutter = new(() => CutAndGrow(source, done.Token));
        cutter.Start();
        try
        {
            for (int i = 0; i < ProcessRepeats.CutSources; i++)
                CopyOrFail(source, destination, method);
        }
        finally
        {
            done.Cancel();
            cutter.Join();
        }

        Copies.AssertNoTemporaries(volumes.To.Path);
    }

    private static void CopyOrFail(string source, string destination, CopyMethod method, Action<FileCopySession>? prepare = null)
    {
        File.WriteAllBytes(destination, Old);
        FileTransferResult result;
        try
        {
            result = Copies.Copy(source, destination, new() { Method = method }, prepare);
        }
        catch (TransferException e)
        {
            Assert.True(e.Kind == ErrorKind.SourceTruncated, $"{e.Kind}: {e.Message}");
            Assert.Equal(Old, File.ReadAllBytes(destination));
            return;
        }

        Assert.Equal(result.Length, new FileInfo(destination).Length);
    }

    private static void CutAndGrow(string path, CancellationToken stop)
    {
        Random random = new();
        while (!stop.IsCancellationRequested)
        {
            SetLength(path, random.Next(Length));
            Thread.SpinWait(random.Next(100_000));
            SetLength(path, Length);
            Thread.SpinWait(random.Next(100_000));
        }
    }

    private static void Change(string source, bool grows)
    {
        if (grows)
            SetLength(source, Length + 1);
        else
            Modify(source);
    }

    /// <summary>Sets its time back: the clock of file systems may stand still between two writes.</summary>
    private static string MakeOld(string path)
    {
        File.SetLastWriteTimeUtc(path, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        return path;
    }

    private static void Modify(string path)
    {
        using FileStream file = OpenForWriting(path);
        file.Write([1]);
    }

    private static void SetLength(string path, long length)
    {
        using FileStream file = OpenForWriting(path);
        file.SetLength(length);
    }

    private static FileStream OpenForWriting(string path) => new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
}
