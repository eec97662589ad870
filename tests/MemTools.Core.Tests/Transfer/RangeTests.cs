using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.Transfer;

/// <summary>-Offset and -Length: the range becomes the whole destination.</summary>
public class RangeTests
{
    private static readonly int Page = Environment.SystemPageSize;

    public static TheoryData<CopyMethod, Route> Offered => Volumes.Offered;

    [SkippableTheory]
    [MemberData(nameof(Offered))]
    public void A_range_becomes_the_whole_destination(CopyMethod method, Route route)
    {
        using Volumes volumes = new(route, method);
        byte[] content = Content.Random((3 * 1024 * 1024) + 77);
        string source = volumes.From.Write("source", content);
        // Direct I/O begins at blocks; the others anywhere.
        int[] offsets = method == CopyMethod.DirectIO
            ? [0, Page, 1024 * 1024]
            : [0, 1, Page - 1, Page, Page + 1, (1024 * 1024) + 13, content.Length - 1];
        foreach (int offset in offsets)
        {
            foreach (int length in (int[])[1, Page - 1, Page, (2 * 1024 * 1024) + 5, int.MaxValue])
            {
                byte[] expected = [.. content.Skip(offset).Take(length)];
                FileCopyOptions options = new() { Method = method, Offset = offset, Length = length };
                FileTransferResult result = Copies.Copy(source, volumes.To["copy"], options);
                Content.AssertSame(expected, volumes.To["copy"]);
                Assert.Equal((method.ToString(), expected.Length), (result.Method, result.Length));
            }
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Offered))]
    public void Holes_of_a_range_stay_holes(CopyMethod method, Route route)
    {
        using Volumes volumes = new(route, method);
        const int MiB = 1024 * 1024;
        string source = SparseFile.Make(volumes.From["source"], 20 * MiB, (MiB, Content.Random(MiB)), (15 * MiB, Content.Random(100)));
        FileCopyOptions options = new() { Method = method, Offset = MiB + (MiB / 2), Length = 14 * MiB };
        FileTransferResult result = Copies.Copy(source, volumes.To["copy"], options);
        using FileStream file = File.OpenRead(source);
        file.Position = options.Offset;
        byte[] expected = new byte[14 * MiB];
        file.ReadExactly(expected);
        Content.AssertSame(expected, volumes.To["copy"]);
        Assert.Equal(expected.Length, result.Length);
        Assert.InRange(SparseFile.AllocatedBytes(volumes.To["copy"]), 1, 2 * MiB);
    }

    [Theory]
    [InlineData(5000, null)]
    [InlineData(5000, 100)]
    [InlineData(0, 0)]
    [InlineData(100, 0)]
    public void A_range_of_nothing_is_an_empty_file(int offset, int? length)
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", Content.Random(5000));
        folder.Write("copy", [1]);
        FileTransferResult result = Copies.Copy(source, folder["copy"], new() { Offset = offset, Length = length });
        Assert.Equal((0, "None"), (result.Length, result.Method));
        Assert.Equal(0, new FileInfo(folder["copy"]).Length);
    }

    [Theory]
    [InlineData(5001)]
    [InlineData(long.MaxValue)]
    public void An_offset_past_the_end_is_misuse(long offset)
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", Content.Random(5000));
        folder.Write("copy", [1]);
        TransferException error = Copies.Fails(ErrorKind.Misuse, source, folder["copy"], new() { Offset = offset });
        Assert.Contains("which has 5000 bytes", error.Message, StringComparison.Ordinal);
        Assert.Equal([1], File.ReadAllBytes(folder["copy"]));
    }

    [Theory]
    [InlineData(-1, null)]
    [InlineData(0, -1)]
    public void Negative_numbers_are_refused(long offset, int? length) =>
        Assert.Throws<ArgumentException>(() => new FileCopySession("/tmp/x", new() { Offset = offset, Length = length }));

    /// <summary>What would work is tried with the range that was asked for, not with the file's start.</summary>
    [SkippableFact]
    public void Only_methods_that_take_the_offset_are_named_as_working()
    {
        using Volumes volumes = new(Route.DiskToDisk, CopyMethod.DirectIO);
        string source = volumes.From.Write("source", Content.Random(4 * Page));
        FileCopyOptions options = new() { Method = CopyMethod.Reflink, Length = Page };
        Assert.Contains("DirectIO", WorkingMethods(source, volumes.To["copy"], options with { Offset = Page }), StringComparison.Ordinal);
        Assert.DoesNotContain("DirectIO", WorkingMethods(source, volumes.To["copy"], options with { Offset = 1 }), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Reflink_is_not_named_as_working_where_it_would_refuse_the_offset()
    {
        using DiskImage image = DiskImage.Xfs();
        string source = image.Write("source", Content.Random(4 * Page));
        FileCopyOptions options = new() { Method = CopyMethod.DirectIO, Offset = 1, Length = Page };
        string working = WorkingMethods(source, image["copy"], options);
        Assert.DoesNotContain("Reflink", working, StringComparison.Ordinal);
        Assert.Contains("CopyFileRange", working, StringComparison.Ordinal);
    }

    private static string WorkingMethods(string source, string destination, FileCopyOptions options)
    {
        const string announced = "would work: ";
        string message = Copies.Fails(ErrorKind.MethodNotPossible, source, destination, options).Message;
        return message[message.IndexOf(announced, StringComparison.Ordinal)..];
    }
}
