using System.Globalization;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.FileSystems;

/// <summary>-CachePolicy Drop leaves nothing of either file in the page cache.</summary>
[Collection(MountingTests.Name)]
public sealed class PageCacheTests(MountedFileSystems systems)
{
    /// <summary>Several stretches of what is dropped at a time, and an odd rest.</summary>
    private const int Length = (20 * 1024 * 1024) + 77;

    public static TheoryData<CopyMethod> Methods => [.. Enum.GetValues<CopyMethod>().Where(method => method != CopyMethod.Reflink)];

    [SkippableTheory]
    [MemberData(nameof(Methods))]
    public void Drop_leaves_no_page_of_either_file(CopyMethod method)
    {
        using TempDirectory folder = systems.Folder(FileSystemKind.Ext4);
        string source = folder.Write("source", Content.Random(Length));
        foreach (bool inPlace in (bool[])[false, true])
        {
            // Dirty pages cannot be dropped, and it is not for a copy to put its source on the disk.
            Tool.RunChecked("sync", source);
            FileCopyOptions options = new() { Method = method, InPlace = inPlace, CachePolicy = CachePolicy.Drop };
            Copies.Copy(source, folder["copy"], options);
            Assert.Equal((0, 0), (ResidentPages(source), ResidentPages(folder["copy"])));
            Content.AssertSame(source, folder["copy"]);
            Assert.True(ResidentPages(folder["copy"]) > 0, "fincore does not see what has just been read.");
        }
    }

    [SkippableFact]
    public void Keep_leaves_the_pages_in()
    {
        using TempDirectory folder = systems.Folder(FileSystemKind.Ext4);
        string source = folder.Write("source", Content.Random(Length));
        Copies.Copy(source, folder["copy"], new() { CachePolicy = CachePolicy.Keep });
        int pages = Length / Environment.SystemPageSize;
        Assert.InRange(ResidentPages(source), pages / 2, pages + 1);
        Assert.InRange(ResidentPages(folder["copy"]), pages / 2, pages + 1);
    }

    private static int ResidentPages(string path)
    {
        string answer = Tool.RunChecked(Tool.Need("fincore", "util-linux"), "--noheadings", "--output", "PAGES", path);
        return int.Parse(answer, CultureInfo.InvariantCulture);
    }
}
