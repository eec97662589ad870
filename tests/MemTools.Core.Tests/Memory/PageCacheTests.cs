using System.Globalization;
using MemTools.Kernel;
using MemTools.Memory;
using MemTools.Tests.Support;

namespace MemTools.Tests.Memory;

/// <summary>What Get-PageCache tells and Set-PageCache does, beside fincore and vmtouch.</summary>
public class PageCacheTests
{
    private static readonly int Page = Environment.SystemPageSize;

    [SkippableFact]
    public void Resident_pages_are_those_that_fincore_and_vmtouch_count()
    {
        using TempDirectory folder = OnExt4();
        string fincore = Tool.Need("fincore", "util-linux");
        string vmtouch = Tool.Need("vmtouch", "vmtouch");
        string path = folder.Write("file", Content.Random((200 * Page) + 5));
        Evict(path);
        foreach ((long offset, long length) in (ReadOnlySpan<(long, long)>)[(0, 0), (10 * Page, 30 * Page), (0, 200 * Page), (150 * Page, 51 * Page)])
        {
            if (length > 0)
                _ = Set(path, PageCacheAction.Load, offset, length);
            PageCacheInfo info = Get(path, detailed: true);
            string counted = Tool.RunChecked(fincore, "--noheadings", "--output", "PAGES", path).Trim();
            Assert.Equal(long.Parse(counted, CultureInfo.InvariantCulture), info.ResidentPages);
            Assert.Contains($"Resident Pages: {info.ResidentPages}/201 ", Tool.RunChecked(vmtouch, path), StringComparison.Ordinal);
            Assert.Equal(info.ResidentPages, info.Runs!.Sum(run => CachedFile.PagesOf(run.Length)));
        }
    }

    [SkippableFact]
    public void Runs_and_parts_say_where_the_pages_lie()
    {
        using TempDirectory folder = OnExt4();
        string path = folder.Write("file", Content.Random(200 * Page));
        Evict(path);
        _ = Set(path, PageCacheAction.Load, 20 * Page, 10 * Page);
        _ = Set(path, PageCacheAction.Load, 100 * Page, 5 * Page);
        PageCacheInfo info = Get(path, detailed: true);
        Assert.Equal([(20L * Page, 10L * Page), (100L * Page, 5L * Page)], info.Runs!.Select(run => (run.Offset, run.Length)));
        double[] expected = new double[20];
        (expected[2], expected[10]) = (1, 0.5);
        Assert.Equal(expected, info.Parts!);
        Assert.Equal(expected, Get(path, detailed: false).Parts!);
        Assert.Null(Get(path, detailed: false).Runs);
    }

    [SkippableFact]
    public void Evicting_dirty_pages_loses_nothing()
    {
        using TempDirectory folder = OnExt4();
        byte[] content = Content.Random((20 << 20) + 77);
        string path = folder.Write("file", content);
        PageCacheChange change = Set(path, PageCacheAction.Evict);
        Assert.Equal((CachedFile.PagesOf(content.Length), 0L, true), (change.ResidentPagesBefore, change.ResidentPagesAfter, change.Complete));
        Content.AssertSame(content, path);
        Assert.Equal(1.0, Get(path, detailed: false).ResidentShare);
    }

    [SkippableFact]
    public void Loading_brings_a_part_and_says_how_much()
    {
        using TempDirectory folder = OnExt4();
        string path = folder.Write("file", Content.Random(100 * Page));
        Evict(path);
        // Half pages count as whole ones.
        PageCacheChange change = Set(path, PageCacheAction.Load, (10 * Page) + (Page / 2), 2 * Page);
        Assert.Equal((3L, 0L, 3L, true), (change.Pages, change.ResidentPagesBefore, change.ResidentPagesAfter, change.Complete));
    }

    [Fact]
    public void Files_in_memory_cannot_be_evicted()
    {
        using TempDirectory folder = new(Place.Memory);
        string path = folder.Write("file", new byte[3 * Page]);
        PageCacheChange change = Set(path, PageCacheAction.Evict);
        Assert.Equal((3L, false), (change.ResidentPagesAfter, change.Complete));
    }

    [Fact]
    public void An_empty_file_has_no_pages()
    {
        using TempDirectory folder = new();
        string path = folder.Write("empty", []);
        PageCacheInfo info = Get(path, detailed: true);
        Assert.Equal((0L, 0L, null, 0), (info.Pages, info.ResidentPages, info.ResidentShare, info.Runs!.Count));
        Assert.Null(info.Unknown);
        Assert.Equal(0, Set(path, PageCacheAction.Evict).Pages);
    }

    [SkippableFact]
    public void What_is_no_file_is_refused()
    {
        using TempDirectory folder = new();
        Machine.MakeFifo(folder["pipe"]);
        FileSelection<PageCacheInfo> files = new(file => PageCacheReader.Read(file, detailed: false), default);
        Assert.Equal(ErrorKind.NotSupported, ((IHasErrorKind)files.One(folder["pipe"]).Failure!).Kind);
        Assert.Equal(ErrorKind.IsDirectory, ((IHasErrorKind)files.One(folder.Path).Failure!).Kind);
        Assert.Equal(ErrorKind.NotFound, ((IHasErrorKind)files.One(folder["missing"]).Failure!).Kind);
    }

    [SkippableFact]
    public void A_tree_is_walked_by_name_without_its_links()
    {
        using TempDirectory folder = new();
        foreach (int number in Enumerable.Range(0, 100))
            folder.Write($"file{number:000}", [1]);
        string below = folder.MakeDirectory("below");
        File.WriteAllBytes(Path.Combine(below, "deep"), [1]);
        File.CreateSymbolicLink(folder["link"], Path.Combine(below, "deep"));
        Directory.CreateSymbolicLink(folder["loop"], folder.Path);
        Machine.MakeFifo(folder["pipe"]);
        FileSelection<PageCacheInfo> files = new(file => PageCacheReader.Read(file, detailed: false), default);
        string[] expected = [.. Enumerable.Range(0, 100).Select(number => folder[$"file{number:000}"]), Path.Combine(below, "deep")];
        Assert.Equal(expected, files.Below(folder.Path).Select(outcome => outcome.Result!.Path));
    }

    private static PageCacheInfo Get(string path, bool detailed)
    {
        using CachedFile file = CachedFile.Open(NativePath.From(path));
        return PageCacheReader.Read(file, detailed);
    }

    private static PageCacheChange Set(string path, PageCacheAction action, long offset = 0, long? length = null)
    {
        using CachedFile file = CachedFile.Open(NativePath.From(path));
        return new PageCacheControl(action, offset, length, default).Apply(file);
    }

    private static void Evict(string path) => Assert.Equal(0, Set(path, PageCacheAction.Evict).ResidentPagesAfter);

    private static TempDirectory OnExt4()
    {
        Skip.IfNot(FileFacts.IsExt4(Path.GetTempPath()), "the temporary directory is not on ext4, of which it is known what it evicts");
        return new();
    }
}
