using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.Transfer;

/// <summary>Where the file system shares blocks: no bytes move, and the files stay apart.</summary>
public class ReflinkTests
{
    private static readonly byte[] Bytes = Content.Random((5 * 1024 * 1024) + 77);

    [SkippableTheory]
    [InlineData("xfs", CopyMethod.Reflink)]
    [InlineData("xfs", CopyMethod.Auto)]
    [InlineData("btrfs", CopyMethod.Reflink)]
    [InlineData("btrfs", CopyMethod.Auto)]
    public void A_file_is_shared_until_one_is_written(string fileSystem, CopyMethod method)
    {
        using DiskImage image = fileSystem == "xfs" ? DiskImage.Xfs() : DiskImage.Btrfs();
        string source = image.Write("source", Bytes);
        image.Write("copy", [1]);
        FileTransferResult result = Copies.Copy(source, image["copy"], new() { Method = method });
        Assert.Equal(("Reflink", 1L, (long)Bytes.Length), (result.Method, result.SystemCalls, result.BytesTransferred));
        Assert.Empty(result.Refused);
        Content.AssertSame(Bytes, image["copy"]);
        File.WriteAllBytes(source, [2]);
        Content.AssertSame(Bytes, image["copy"]);
    }

    [SkippableTheory]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public void A_range_of_whole_blocks_is_shared_in_place_of_longer_content(string fileSystem)
    {
        using DiskImage image = fileSystem == "xfs" ? DiskImage.Xfs() : DiskImage.Btrfs();
        string source = image.Write("source", Bytes);
        image.Write("copy", Content.Random(8 * 1024 * 1024, seed: 2));
        const int start = 1024 * 1024;
        const int length = 4 * 1024 * 1024;
        FileCopyOptions options = new() { Method = CopyMethod.Reflink, Offset = start, Length = length, InPlace = true };
        FileTransferResult result = Copies.Copy(source, image["copy"], options);
        Assert.Equal(("Reflink", "InPlace"), (result.Method, result.Replacement));
        Content.AssertSame(Bytes.AsSpan(start, length), image["copy"]);
    }

    /// <summary>A block can be shared only as a whole, and the last one would reach into the longer content.</summary>
    [SkippableTheory]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public void An_odd_length_is_not_shared_in_place_of_longer_content_but_copied_by_Auto(string fileSystem)
    {
        using DiskImage image = fileSystem == "xfs" ? DiskImage.Xfs() : DiskImage.Btrfs();
        string source = image.Write("source", Bytes);
        byte[] old = Content.Random(8 * 1024 * 1024, seed: 2);
        string destination = image.Write("copy", old);
        FileCopyOptions options = new() { Method = CopyMethod.Reflink, InPlace = true };
        TransferException error = Copies.Fails(ErrorKind.MethodNotPossible, source, destination, options);
        Assert.Equal("EINVAL", error.ErrorName);
        Content.AssertSame(old, destination);
        FileTransferResult result = Copies.Copy(source, destination, options with { Method = CopyMethod.Auto });
        Assert.Equal("Reflink: EINVAL", result.Refused.ToString());
        Content.AssertSame(Bytes, destination);
    }
}
