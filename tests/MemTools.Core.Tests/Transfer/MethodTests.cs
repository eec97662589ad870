using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.Transfer;

/// <summary>Every method, on every pair of file systems: the bytes, or the refusal.</summary>
public class MethodTests
{
    private static readonly int Page = Environment.SystemPageSize;

    public static TheoryData<CopyMethod, Route> Offered => Volumes.Offered;

    public static TheoryData<CopyMethod, Route> Refused => Volumes.Refused;

    public static TheoryData<CopyMethod, Route> All => Volumes.All;

    [SkippableTheory]
    [MemberData(nameof(Offered))]
    public void A_method_copies_every_length(CopyMethod method, Route route)
    {
        using Volumes volumes = new(route, method);
        int[] lengths = [1, Page - 1, Page, Page + 1, 65536, (1024 * 1024) + 3, (5 * 1024 * 1024) + 1];
        foreach (int length in lengths)
        {
            byte[] content = Content.Random(length, seed: length);
            string source = volumes.From.Write($"source-{length}", content);
            AssertCopies(method, source, volumes.To[$"copy-{length}"], content);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Refused))]
    public void A_method_that_cannot_be_used_says_why_and_creates_nothing(CopyMethod method, Route route)
    {
        using Volumes volumes = new(route, method);
        foreach (int length in (int[])[1, Page, (5 * 1024 * 1024) + 1])
            AssertRefuses(method, volumes.From.Write("source", Content.Random(length)), volumes.To["copy"]);
        Assert.Empty(volumes.To.Names);
    }

    [SkippableTheory]
    [MemberData(nameof(Refused))]
    public void A_method_that_cannot_be_used_leaves_an_old_destination_as_it_was(CopyMethod method, Route route)
    {
        using Volumes volumes = new(route, method);
        string source = volumes.From.Write("source", Content.Random(100_000));
        string destination = volumes.To.Write("copy", [1, 2, 3]);
        ulong inode = FileFacts.Of(destination).Inode;
        AssertRefuses(method, source, destination);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(destination));
        Assert.Equal(inode, FileFacts.Of(destination).Inode);
        Assert.Equal(["copy"], volumes.To.Names);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public void An_empty_file_is_copied_whatever_the_method(CopyMethod method, Route route)
    {
        using Volumes volumes = new(route);
        string source = volumes.From.Write("source", []);
        FileTransferResult result = Copies.Copy(source, volumes.To["copy"], new() { Method = method });
        Assert.Equal(("Copied", "None", "New"), (result.Status, result.Method, result.Replacement));
        Assert.Equal((0, 0, 0), (result.Length, result.BytesTransferred, result.SystemCalls));
        Assert.Equal(0, new FileInfo(volumes.To["copy"]).Length);
    }

    [SkippableFact]
    public void Auto_copies_between_file_systems_and_lists_what_was_refused()
    {
        using Volumes volumes = new(Route.DiskToMemory, CopyMethod.Reflink);
        byte[] content = Content.Random(3_000_000);
        string source = volumes.From.Write("source", content);
        List<string> told = [];
        FileTransferResult result = Copies.Copy(source, volumes.To["copy"], prepare: session => session.Verbose = told.Add);
        Content.AssertSame(content, volumes.To["copy"]);
        Assert.Equal("Sendfile", result.Method);
        Assert.Equal(["Reflink", "CopyFileRange"], result.Refused.Select(refusal => refusal.Method));
        Assert.Equal("CopyFileRange: EXDEV", result.Refused[1].ToString());
        Assert.StartsWith("Reflink: E", result.Refused.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("; CopyFileRange: EXDEV", result.Refused.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, told.Count);
        Assert.Contains("CopyFileRange was passed over", told[1], StringComparison.Ordinal);
    }

    [SkippableFact]
    public void What_was_refused_between_two_file_systems_is_not_asked_again_and_still_listed()
    {
        using Volumes volumes = new(Route.DiskToMemory, CopyMethod.Reflink);
        using FileCopySession session = new(volumes.To.Path, new());
        FileTransferResult first = session.Copy(volumes.From.Write("first", Content.Random(1000)));
        FileTransferResult second = session.Copy(volumes.From.Write("second", Content.Random(1000)));
        Assert.Equal(first.Refused.ToString(), second.Refused.ToString());
        Assert.Equal(3, first.SystemCalls);
        Assert.Equal(1, second.SystemCalls);
    }

    [SkippableFact]
    public void More_bytes_than_one_call_takes_are_copied_whole()
    {
        const long length = 0x7ffff000L + (3 * 1024 * 1024) + 5;
        const long bothFilesAndRoom = 6L << 30;
        Machine.NeedFreeMemoryDisk(bothFilesAndRoom);
        using TempDirectory folder = new(Place.Memory);
        byte[] block = Content.Random(16 * 1024 * 1024);
        using (FileStream file = File.Create(folder["source"]))
        {
            while (file.Length < length)
            {
                // The block number in each, so that a block in the wrong place is found out.
                BitConverter.TryWriteBytes(block, file.Length);
                file.Write(block, 0, (int)Math.Min(block.Length, length - file.Length));
            }
        }

        FileTransferResult result = Copies.Copy(folder["source"], folder["copy"]);
        Assert.Equal((length, length), (result.Length, result.BytesTransferred));
        SparseFile.AssertSame(folder["source"], folder["copy"]);
    }

    private static void AssertCopies(CopyMethod method, string source, string destination, byte[] content)
    {
        FileTransferResult result = Copies.Copy(source, destination, new() { Method = method });
        Content.AssertSame(content, destination);
        Assert.Equal((method.ToString(), "Copied", "New"), (result.Method, result.Status, result.Replacement));
        Assert.Equal((source, destination), (result.Source, result.Destination));
        Assert.Equal((content.Length, content.Length), (result.Length, result.BytesTransferred));
        Assert.True(result.SystemCalls > 0);
        Assert.Equal(2 * result.SystemCalls, result.ModeSwitches);
        Assert.Empty(result.Refused);
        Assert.Empty(result.Warnings);
        Assert.False(result.SourceChanged);
        Assert.Null(result.Hash);
        Copies.AssertNoTemporaries(Path.GetDirectoryName(destination)!);
    }

    private static void AssertRefuses(CopyMethod method, string source, string destination)
    {
        TransferException error = Copies.Fails(ErrorKind.MethodNotPossible, source, destination, new() { Method = method });
        Assert.Contains($"{method} cannot copy", error.Message, StringComparison.Ordinal);
        Assert.Matches("E[A-Z]{4,}", error.Message);
        Assert.Matches("E[A-Z]{4,}", error.ErrorName);
        Assert.Contains("Methods that would work: ", error.Message, StringComparison.Ordinal);
        string working = error.Message[error.Message.IndexOf("would work: ", StringComparison.Ordinal)..];
        Assert.Contains("ReadWrite", working, StringComparison.Ordinal);
        Assert.DoesNotContain(method.ToString(), working, StringComparison.Ordinal);
    }
}
