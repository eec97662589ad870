using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.Transfer;

/// <summary>Direct I/O moves whole blocks: what is at the ends of files that are not whole blocks.</summary>
public class DirectIOTests
{
    private const int Block = 4096;
    private const int Buffer = 2 * 1024 * 1024;

    private static readonly FileCopyOptions Direct = new() { Method = CopyMethod.DirectIO };

    [SkippableFact]
    public void Lengths_around_blocks_and_buffers()
    {
        using Volumes volumes = new(Route.DiskToDisk, CopyMethod.DirectIO);
        int[] lengths =
        [
            1, 511, 512, 513, Block - 1, Block, Block + 1, (7 * Block) - 1, 7 * Block, (7 * Block) + 1,
            Buffer - 1, Buffer, Buffer + 1, (2 * Buffer) - 1, (2 * Buffer) + 1, (5 * 1024 * 1024) + 3,
        ];
        foreach (int length in lengths)
        {
            byte[] content = Content.Random(length, seed: length);
            string source = volumes.From.Write("source", content);
            FileTransferResult result = Copies.Copy(source, volumes.To["copy"], Direct);
            Content.AssertSame(content, volumes.To["copy"]);
            Assert.Equal(("DirectIO", length, length), (result.Method, result.Length, result.BytesTransferred));
            Copies.Copy(source, volumes.To.Write("old", Content.Random(length + 9000, seed: 2)), Direct with { InPlace = true });
            Content.AssertSame(content, volumes.To["old"]);
        }
    }

    /// <summary>Where blocks are smaller than pages, so are the steps in which data and holes begin and end.</summary>
    [SkippableFact]
    public void Data_that_begins_at_multiples_of_a_small_block_is_copied()
    {
        using DiskImage image = DiskImage.Ext4(blockSize: 1024);
        string source = SparseFile.Make(
            image["source"],
            (1024 * 1024) + 77,
            (1024, Content.Random(1024, seed: 1)),
            (5 * 1024, Content.Random(2048, seed: 2)),
            (301 * 1024, Content.Random(3 * 1024, seed: 3)),
            (1024 * 1024, Content.Random(77, seed: 4)));
        Assert.Contains(SparseFile.Segments(source), segment => segment.Start % Environment.SystemPageSize != 0);
        FileTransferResult result = Copies.Copy(source, image["copy"], Direct);
        Assert.Equal("DirectIO", result.Method);
        SparseFile.AssertSame(source, image["copy"]);
        Assert.Equal(SparseFile.AllocatedBytes(source), SparseFile.AllocatedBytes(image["copy"]));
    }

    [SkippableFact]
    public void An_offset_that_is_no_multiple_of_the_block_is_refused_with_the_reason()
    {
        using Volumes volumes = new(Route.DiskToDisk, CopyMethod.DirectIO);
        string source = volumes.From.Write("source", Content.Random(3 * Block));
        TransferException error = Copies.Fails(
            ErrorKind.MethodNotPossible, source, volumes.To["copy"], Direct with { Offset = 100 });
        Assert.Contains("offset 100", error.Message, StringComparison.Ordinal);
        Assert.Contains("EINVAL", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_block_device_takes_whole_blocks_and_nothing_past_the_length_is_touched()
    {
        using TempDirectory folder = new();
        byte[] old = Content.Random(1024 * 1024, seed: 2);
        using LoopDevice device = new(folder.Write("disk", old));
        byte[] content = Content.Random(10 * Block);
        string source = folder.Write("source", content);
        FileTransferResult result = Copies.Copy(source, device.Path, Direct);
        Assert.Equal(("DirectIO", "InPlace", content.Length), (result.Method, result.Replacement, result.Length));
        Assert.Equal(content.Concat(old.Skip(content.Length)), device.Read());
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData((10 * Block) + 100)]
    [InlineData(Buffer + 1)]
    public void A_block_device_does_not_take_part_of_a_block(int length)
    {
        using TempDirectory folder = new();
        byte[] old = Content.Random(4 * 1024 * 1024, seed: 2);
        using LoopDevice device = new(folder.Write("disk", old));
        string source = folder.Write("source", Content.Random(length));
        TransferException error = Copies.Fails(ErrorKind.MethodNotPossible, source, device.Path, Direct);
        Assert.Contains("on a device the rest of the last one cannot be cut off", error.Message, StringComparison.Ordinal);
        Assert.Contains($"'{device.Path}' is as it was", error.Message, StringComparison.Ordinal);
        Assert.Equal(old, device.Read());
    }

    [SkippableTheory]
    [InlineData(CopyMethod.Auto)]
    [InlineData(CopyMethod.Sendfile)]
    [InlineData(CopyMethod.Splice)]
    [InlineData(CopyMethod.Mmap)]
    [InlineData(CopyMethod.ReadWrite)]
    public void The_other_methods_write_any_length_to_a_block_device_and_nothing_past_it(CopyMethod method)
    {
        using TempDirectory folder = new();
        byte[] old = Content.Random(1024 * 1024, seed: 2);
        using LoopDevice device = new(folder.Write("disk", old));
        byte[] content = Content.Random((10 * Block) + 100);
        FileTransferResult result = Copies.Copy(folder.Write("source", content), device.Path, new() { Method = method });
        Assert.Equal(content.Length, result.Length);
        Assert.Equal(content.Concat(old.Skip(content.Length)), device.Read());
    }
}
