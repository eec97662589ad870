using System.Globalization;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.Transfer;

/// <summary>What a copy leaves in the page cache, and on the disk.</summary>
public class CacheTests
{
    private const int Length = (20 * 1024 * 1024) + 5;

    [SkippableTheory]
    [InlineData(CopyMethod.Auto)]
    [InlineData(CopyMethod.Sendfile)]
    [InlineData(CopyMethod.Splice)]
    [InlineData(CopyMethod.Mmap)]
    [InlineData(CopyMethod.DirectIO)]
    [InlineData(CopyMethod.ReadWrite)]
    public void Drop_leaves_neither_file_in_the_cache(CopyMethod method)
    {
        using Volumes volumes = new(Route.DiskToDisk, CopyMethod.DirectIO);
        byte[] content = Content.Random(Length);
        string source = volumes.From.Write("source", content);
        // Dirty pages cannot be dropped, and the source's are not the copy's to write back.
        Tool.RunChecked("sync", source);
        Copies.Copy(source, volumes.To["copy"], new() { Method = method, CachePolicy = CachePolicy.Drop });
        Assert.Equal(0, CachedBytes(volumes.To["copy"]));
        Assert.Equal(0, CachedBytes(source));
        Content.AssertSame(content, volumes.To["copy"]);
    }

    [SkippableFact]
    public void Keep_leaves_the_copy_in_the_cache()
    {
        using Volumes volumes = new(Route.DiskToDisk, CopyMethod.DirectIO);
        string source = volumes.From.Write("source", Content.Random(Length));
        Copies.Copy(source, volumes.To["copy"]);
        Assert.InRange(CachedBytes(volumes.To["copy"]), Length / 2, 2L * Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_flushed_copy_is_a_copy(bool existing)
    {
        using TempDirectory folder = new();
        byte[] content = Content.Random(Length);
        if (existing)
            folder.Write("copy", [1]);
        FileTransferResult result = Copies.Copy(folder.Write("source", content), folder["copy"], new() { Flush = true });
        Assert.Equal(existing ? "Renamed" : "New", result.Replacement);
        Content.AssertSame(content, folder["copy"]);
    }

    private static long CachedBytes(string path) => long.Parse(
        Tool.RunChecked(Tool.Need("fincore", "util-linux-extra"), "--bytes", "--raw", "--noheadings", "--output", "RES", path),
        CultureInfo.InvariantCulture);
}
