using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;
using MemTools.Transfer;
using MemTools.Transfer.Jobs;

namespace MemTools.Tests.Transfer.Jobs;

/// <summary>How far two files are the same.</summary>
public class SameContentTests
{
    [Theory]
    [InlineData(0, -1, 0)]
    [InlineData(1_000_000, -1, 1_000_000)]
    [InlineData(1_000_000, 0, 0)]
    [InlineData(1_000_000, 1, 1)]
    [InlineData(1_000_000, ContentReader.BufferSize - 1, ContentReader.BufferSize - 1)]
    [InlineData(1_000_000, ContentReader.BufferSize, ContentReader.BufferSize)]
    [InlineData(1_000_000, 999_999, 999_999)]
    public void The_first_difference_ends_the_prefix(int length, int different, long prefix)
    {
        byte[] content = Content.Random(length);
        byte[] other = [.. content];
        if (different >= 0)
            other[different] ^= 1;
        Assert.Equal(prefix, CommonPrefix(content, other, length));
    }

    [Fact]
    public void A_shorter_file_is_the_same_to_its_end()
    {
        byte[] content = Content.Random(700_000);
        Assert.Equal(300_001, CommonPrefix(content, content[..300_001], 700_000));
        Assert.Equal(300_001, CommonPrefix(content[..300_001], content, 700_000));
    }

    [Fact]
    public void A_stop_ends_the_reading()
    {
        byte[] content = Content.Random(1000);
        using CancellationTokenSource stop = new();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => CommonPrefix(content, content, 1000, stop.Token));
    }

    private static long CommonPrefix(byte[] first, byte[] second, long length, CancellationToken stop = default)
    {
        using TempDirectory folder = new();
        using Descriptor one = FileFacts.Open(folder.Write("one", first), OpenFlags.ReadOnly);
        using Descriptor two = FileFacts.Open(folder.Write("two", second), OpenFlags.ReadOnly);
        return SameContent.CommonPrefix(End(one), End(two), length, stop);
    }

    private static CopyEnd End(Descriptor file) => new(file, NativePath.From("file"), HasPositions: true, CanBeCut: false);
}
