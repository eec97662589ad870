using MemTools.Tests.Support;
using MemTools.Transfer.Jobs;
using MemTools.Transfer.Trees;

namespace MemTools.Tests.Transfer.Jobs;

/// <summary>
/// What a whole job makes of its limit, by its own count of bytes and time. Never faster is asserted everywhere; not
/// slower only with MEMTOOLS_SOAK=1, where nothing else runs and the job takes twelve seconds.
/// </summary>
public class BandwidthTests
{
    [Theory]
    [InlineData(64, 100_000)]
    [InlineData(3000, 2048)]
    [InlineData(1, 6_000_000)]
    public void The_limit_is_held_over_all_workers(int files, int length)
    {
        using TempDirectory folder = new();
        folder.MakeDirectory("src");
        byte[] content = Content.Random(length);
        for (int i = 0; i < files; i++)
            folder.Write($"src/{i}", content);
        long limit = (long)files * length / ProcessRepeats.LimitedSeconds;
        FolderSyncOptions options = new() { BandwidthLimit = limit, Tree = new() { ThrottleLimit = 4 } };
        FileTransferJobResult result = new FolderSyncSession(folder["src"], folder["dst"], options).Run();
        Assert.Equal((files, 0), (result.Files, result.Failed));
        Assert.InRange(result.BytesPerSecond / limit, ProcessRepeats.SlowestShareOfLimit, 1.0);
    }

    [Fact]
    public void A_file_smaller_than_a_piece_waits_for_its_time_too()
    {
        using TempDirectory folder = new();
        folder.MakeDirectory("src");
        folder.Write("src/file", Content.Random(1000));
        FolderSyncOptions options = new() { BandwidthLimit = 2000 };
        FileTransferJobResult result = new FolderSyncSession(folder["src"], folder["dst"], options).Run();
        Assert.InRange(result.BytesPerSecond, 0, 2000);
    }
}
