using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.Transfer;

/// <summary>A session's life: stopped, disposed, counted.</summary>
public class SessionTests
{
    private const int Length = 12 * 1024 * 1024;

    private static readonly byte[] Old = Content.Random(5000, seed: 7);
    private static readonly byte[] Bytes = Content.Random(Length);

    public static TheoryData<CopyMethod> Methods => [.. Volumes.Methods.Where(method => method != CopyMethod.Reflink)];

    [SkippableTheory]
    [MemberData(nameof(Methods))]
    public void A_copy_that_is_stopped_leaves_the_destination_as_it_was(CopyMethod method)
    {
        using Volumes volumes = new(Route.DiskToDisk, method);
        string source = volumes.From.Write("source", Bytes);
        string destination = volumes.To.Write("copy", Old);
        foreach (string target in (string[])[destination, volumes.To["new"]])
        {
            using CancellationTokenSource stop = new();
            PieceWatcher watcher = new(_ => stop.Cancel());
            using FileCopySession session = new(target, new() { Method = method }) { Observers = [watcher] };
            Assert.ThrowsAny<OperationCanceledException>(() => session.Copy(source, stop.Token));
            Assert.Equal(1, watcher.Pieces);
        }

        Assert.Equal(Old, File.ReadAllBytes(destination));
        Assert.Equal(["copy"], volumes.To.Names);
    }

    [Fact]
    public void A_copy_that_is_stopped_before_it_begins_opens_nothing()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", Bytes);
        using FileCopySession session = new(folder["none/copy"], new() { Force = true });
        Assert.ThrowsAny<OperationCanceledException>(() => session.Copy(source, new CancellationToken(canceled: true)));
        Assert.Equal(["source"], folder.Names);
    }

    [Fact]
    public void A_session_goes_on_after_a_copy_that_was_stopped()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", Bytes);
        string into = folder.MakeDirectory("into");
        using CancellationTokenSource stop = new();
        using FileCopySession session = new(into, new()) { Observers = [new PieceWatcher(_ => stop.Cancel())] };
        Assert.ThrowsAny<OperationCanceledException>(() => session.Copy(source, stop.Token));
        Assert.Equal("Copied", session.Copy(source).Status);
        Content.AssertSame(Bytes, folder["into/source"]);
    }

    [Fact]
    public void A_session_that_was_disposed_says_so()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", Old);
        FileCopySession session = new(folder["copy"], new());
        session.Copy(source);
        session.Dispose();
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => session.Copy(source));
    }

    /// <summary>One call for each buffer or window: the pieces begin at 1 MiB, so that a file of this size is one.</summary>
    [SkippableTheory]
    [InlineData(CopyMethod.CopyFileRange, 1)]
    [InlineData(CopyMethod.Sendfile, 1)]
    [InlineData(CopyMethod.Splice, 4)]
    [InlineData(CopyMethod.Mmap, 4)]
    [InlineData(CopyMethod.DirectIO, 2)]
    [InlineData(CopyMethod.ReadWrite, 4)]
    public void The_calls_of_a_file_of_half_a_MiB(CopyMethod method, int calls)
    {
        using Volumes volumes = new(Route.DiskToDisk, method);
        string source = volumes.From.Write("source", Content.Random(512 * 1024));
        FileTransferResult result = Copies.Copy(source, volumes.To["copy"], new() { Method = method });
        Assert.Equal((calls, 2 * calls), (result.SystemCalls, result.ModeSwitches));
    }

    [Fact]
    public void Lists_in_results_read_as_one_line()
    {
        Refusal errno = new(CopyMethod.CopyFileRange, "copy_file_range", "EXDEV", "on different file systems");
        Refusal reason = new(CopyMethod.Splice, string.Empty, string.Empty, "the task rules it out");
        Assert.Equal("CopyFileRange: EXDEV; Splice: the task rules it out", new ResultList<Refusal>([errno, reason]).ToString());
        Assert.Equal(string.Empty, ResultList<string>.None.ToString());
        Assert.Throws<NotSupportedException>(() => ((IList<string>)ResultList<string>.None).Add("one"));
    }
}
