using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.FileSystems;

/// <summary>Files larger than the destination's file system can have.</summary>
[Collection(MountingTests.Name)]
public sealed class LargestFileTests(MountedFileSystems systems)
{
    private const long FourGiB = 4L << 30;

    /// <summary>Without extents and with blocks of 1 KiB, ext2's limit is a little beyond 16 GiB.</summary>
    private const long TooLargeForExt2 = 20L << 30;

    [SkippableTheory]
    [InlineData(FileSystemKind.Vfat, FourGiB + 1, CopyMethod.Auto)]
    [InlineData(FileSystemKind.Ext2, TooLargeForExt2, CopyMethod.Auto)]
    [InlineData(FileSystemKind.Ext2, TooLargeForExt2, CopyMethod.Sendfile)]
    [InlineData(FileSystemKind.Ext2, TooLargeForExt2, CopyMethod.Splice)]
    [InlineData(FileSystemKind.Ext2, TooLargeForExt2, CopyMethod.Mmap)]
    [InlineData(FileSystemKind.Ext2, TooLargeForExt2, CopyMethod.ReadWrite)]
    public void Bytes_beyond_the_limit_are_an_error(FileSystemKind kind, long length, CopyMethod method) =>
        AssertTooLarge(kind, length, method, (length - 10, Content.Random(10)));

    [SkippableTheory]
    [InlineData(FileSystemKind.Vfat, FourGiB + 1)]
    [InlineData(FileSystemKind.Ext2, TooLargeForExt2)]
    public void A_hole_beyond_the_limit_is_an_error(FileSystemKind kind, long length) =>
        AssertTooLarge(kind, length, CopyMethod.Auto, (0, Content.Random(10)));

    private void AssertTooLarge(FileSystemKind kind, long length, CopyMethod method, (long, byte[]) data)
    {
        using TempDirectory from = systems.Folder(FileSystemKind.Tmpfs);
        using TempDirectory to = systems.Folder(kind);
        string source = SparseFile.Make(from["source"], length, data);
        byte[] old = Content.Random(5000, seed: 2);
        string existing = to.Write("existing", old);
        foreach (string destination in (string[])[existing, to["new"]])
        {
            TransferException error = Copies.Fails(ErrorKind.FileTooLarge, source, destination, new() { Method = method });
            Assert.Equal("EFBIG", error.ErrorName);
            Assert.Contains($"EFBIG on '{destination}'", error.Message, StringComparison.Ordinal);
        }

        Content.AssertSame(old, existing);
        Assert.Equal(["existing"], to.Names);
    }
}
