using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.FileSystems;

/// <summary>Sharing blocks where the file system can: whole files and ranges.</summary>
[Collection(MountingTests.Name)]
public sealed class ReflinkTests(MountedFileSystems systems)
{
    private const int Block = 4096;
    private const int Length = (1024 * 1024) + 77;

    [SkippableTheory]
    [InlineData(FileSystemKind.XfsReflink, CopyMethod.Auto)]
    [InlineData(FileSystemKind.XfsReflink, CopyMethod.Reflink)]
    [InlineData(FileSystemKind.Btrfs, CopyMethod.Auto)]
    [InlineData(FileSystemKind.Btrfs, CopyMethod.Reflink)]
    public void Blocks_are_shared_until_one_file_is_written(FileSystemKind kind, CopyMethod method)
    {
        using TempDirectory folder = systems.Folder(kind);
        byte[] content = Content.Random(Length);
        string source = folder.Write("source", content);
        string existing = folder.Write("existing", Content.Random(3 * Length, seed: 2));
        string inPlace = folder.Write("in-place", Content.Random(Length / 2, seed: 3));
        AssertShares(source, folder["new"], content, new() { Method = method });
        AssertShares(source, existing, content, new() { Method = method });
        AssertShares(source, inPlace, content, new() { Method = method, InPlace = true });
        using (FileStream file = File.OpenWrite(existing))
            file.WriteByte((byte)~content[0]);
        Content.AssertSame(content, source);
        Content.AssertSame(content, folder["new"]);
    }

    [SkippableTheory]
    [InlineData(FileSystemKind.XfsReflink)]
    [InlineData(FileSystemKind.Btrfs)]
    public void Sharing_can_be_avoided_by_the_method(FileSystemKind kind)
    {
        using TempDirectory folder = systems.Folder(kind);
        string source = folder.Write("source", Content.Random(Length));
        Copies.Copy(source, folder["copy"], new() { Method = CopyMethod.Sendfile });
        Content.AssertSame(source, folder["copy"]);
        SharedExtents.AssertNotShared(folder["copy"]);
    }

    [SkippableTheory]
    [InlineData(FileSystemKind.XfsReflink, 0L, 64L * Block)]
    [InlineData(FileSystemKind.XfsReflink, 8L * Block, 64L * Block)]
    [InlineData(FileSystemKind.XfsReflink, 8L * Block, null)]
    [InlineData(FileSystemKind.Btrfs, 0L, 64L * Block)]
    [InlineData(FileSystemKind.Btrfs, 8L * Block, 64L * Block)]
    [InlineData(FileSystemKind.Btrfs, 8L * Block, null)]
    public void A_range_of_whole_blocks_is_shared(FileSystemKind kind, long offset, long? length)
    {
        using TempDirectory folder = systems.Folder(kind);
        byte[] content = Content.Random(Length);
        string source = folder.Write("source", content);
        foreach (CopyMethod method in (CopyMethod[])[CopyMethod.Auto, CopyMethod.Reflink])
        {
            FileTransferResult result = Copies.Copy(source, folder["copy"], new() { Method = method, Offset = offset, Length = length });
            Assert.Equal("Reflink", result.Method);
            Assert.Empty(result.Refused);
            Content.AssertSame(Range(content, offset, length), folder["copy"]);
            Assert.All(SharedExtents.Of(folder["copy"]), extent => Assert.True(extent.Shared));
        }
    }

    [SkippableTheory]
    [InlineData(FileSystemKind.XfsReflink, 5L, null)]
    [InlineData(FileSystemKind.XfsReflink, 0L, 5000L)]
    [InlineData(FileSystemKind.XfsReflink, 8L * Block, 5000L)]
    [InlineData(FileSystemKind.Btrfs, 5L, null)]
    [InlineData(FileSystemKind.Btrfs, 0L, 5000L)]
    [InlineData(FileSystemKind.Btrfs, 8L * Block, 5000L)]
    public void A_range_that_cuts_blocks_is_refused_by_name_and_copied_by_Auto(FileSystemKind kind, long offset, long? length)
    {
        using TempDirectory folder = systems.Folder(kind);
        byte[] content = Content.Random(Length);
        string source = folder.Write("source", content);
        FileCopyOptions options = new() { Offset = offset, Length = length };
        TransferException error = Copies.Fails(
            ErrorKind.MethodNotPossible, source, folder["copy"], options with { Method = CopyMethod.Reflink });
        Assert.Equal("EINVAL", error.ErrorName);
        Assert.Contains("ioctl(FICLONERANGE): EINVAL", error.Message, StringComparison.Ordinal);
        Assert.Contains("would work: CopyFileRange, Sendfile", error.Message, StringComparison.Ordinal);
        Assert.Equal(["source"], folder.Names);
        FileTransferResult result = Copies.Copy(source, folder["copy"], options);
        Assert.Equal("CopyFileRange", result.Method);
        Assert.Equal("Reflink: EINVAL", result.Refused.ToString());
        Content.AssertSame(Range(content, offset, length), folder["copy"]);
    }

    /// <summary>The kernel shares the odd end of a file only where the destination does not go on after it.</summary>
    [SkippableTheory]
    [InlineData(FileSystemKind.XfsReflink)]
    [InlineData(FileSystemKind.Btrfs)]
    public void An_odd_end_is_not_shared_in_the_middle_of_an_old_file(FileSystemKind kind)
    {
        using TempDirectory folder = systems.Folder(kind);
        byte[] content = Content.Random(Length);
        byte[] old = Content.Random(3 * Length, seed: 2);
        string source = folder.Write("source", content);
        string destination = folder.Write("copy", old);
        FileCopyOptions options = new() { InPlace = true };
        TransferException error = Copies.Fails(
            ErrorKind.MethodNotPossible, source, destination, options with { Method = CopyMethod.Reflink });
        Assert.Contains("ioctl(FICLONE): EINVAL", error.Message, StringComparison.Ordinal);
        Assert.Contains("is as it was", error.Message, StringComparison.Ordinal);
        Content.AssertSame(old, destination);
        Assert.Equal("Reflink: EINVAL", Copies.Copy(source, destination, options).Refused.ToString());
        Content.AssertSame(content, destination);
    }

    /// <summary>A refusal of one range says nothing of the next file.</summary>
    [SkippableTheory]
    [InlineData(FileSystemKind.XfsReflink)]
    [InlineData(FileSystemKind.Btrfs)]
    public void After_a_range_that_could_not_be_shared_the_next_file_is(FileSystemKind kind)
    {
        using TempDirectory folder = systems.Folder(kind);
        byte[] longer = Content.Random(Length);
        byte[] whole = Content.Random(5000, seed: 2);
        string first = folder.Write("first", longer);
        string second = folder.Write("second", whole);
        using FileCopySession session = new(folder.MakeDirectory("out"), new() { Length = 5000 });
        Assert.Equal("CopyFileRange", session.Copy(first).Method);
        Assert.Equal("Reflink", session.Copy(second).Method);
        Content.AssertSame(longer.AsSpan(0, 5000), folder["out/first"]);
        Content.AssertSame(whole, folder["out/second"]);
    }

    private static void AssertShares(string source, string destination, byte[] content, FileCopyOptions options)
    {
        FileTransferResult result = Copies.Copy(source, destination, options);
        Assert.Equal(("Reflink", content.Length), (result.Method, result.BytesTransferred));
        Content.AssertSame(content, destination);
        SharedExtents.AssertShared(source, destination);
    }

    private static ReadOnlySpan<byte> Range(byte[] content, long offset, long? length) =>
        content.AsSpan((int)offset, (int)(length ?? (content.Length - offset)));
}
