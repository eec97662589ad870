using MemTools.Tests.Support;
using MemTools.Transfer;
using MemTools.Transfer.Trees;

namespace MemTools.Tests.Transfer.Trees;

/// <summary>Which items of a tree are copied.</summary>
public class TreeFilterTests
{
    private static readonly DateTime Edge = new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc).AddTicks(1234567);

    [Theory]
    [InlineData(100L, null, "100 101")]
    [InlineData(null, 100L, "0 99 100")]
    [InlineData(100L, 100L, "100")]
    [InlineData(0L, 0L, "0")]
    [InlineData(102L, null, "")]
    public void Sizes_are_counted_in_at_their_edges(long? least, long? most, string copied)
    {
        using TempDirectory folder = new();
        folder.MakeDirectory("source");
        foreach (int size in (int[])[0, 99, 100, 101])
            folder.Write($"source/{size}", new byte[size]);
        TreeCopies.CopyChecked(folder["source"], folder["copy"], new() { MinimumSize = least, MaximumSize = most });
        Assert.Equal(copied.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal), Copied(folder));
    }

    [Fact]
    public void Times_are_left_out_at_their_edges()
    {
        using TempDirectory folder = new();
        folder.MakeDirectory("source");
        foreach ((string name, long ticks) in ((string, long)[])[("before", -1), ("at", 0), ("after", 1)])
            File.SetLastWriteTimeUtc(folder.Write($"source/{name}", [1]), Edge.AddTicks(ticks));
        File.SetLastWriteTimeUtc(folder.Write("source/ancient", [1]), new DateTime(1960, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        TreeCopies.CopyChecked(folder["source"], folder["copy"], new() { ModifiedAfter = Edge });
        Assert.Equal(["after"], Copied(folder));
        TreeCopies.CopyChecked(folder["source"], folder["earlier"], new() { ModifiedBefore = Edge });
        Assert.Equal(["ancient", "before"], Copied(folder, "earlier"));
        TreeCopies.CopyChecked(folder["source"], folder["old"], new() { ModifiedBefore = DateTimeOffset.UnixEpoch });
        Assert.Equal(["ancient"], Copied(folder, "old"));
        TreeCopies.CopyChecked(folder["source"], folder["between"], new() { ModifiedAfter = Edge.AddTicks(-2), ModifiedBefore = Edge.AddTicks(1) });
        Assert.Equal(["at", "before"], Copied(folder, "between"));
    }

    [Theory]
    [InlineData("*.txt", null, "a.txt sub/b.txt sub/deep/c.txt")]
    [InlineData("A.TXT", null, "a.txt")]
    [InlineData("sub/*.txt", null, "sub/b.txt")]
    [InlineData("sub/**", null, "sub/b.txt sub/deep/c.txt sub/deep/d.log")]
    [InlineData("**/c.txt", null, "sub/deep/c.txt")]
    [InlineData(null, "deep", "a.txt link sub/b.txt")]
    [InlineData(null, "deep/", "a.txt link sub/b.txt")]
    [InlineData(null, "a.txt/", "a.txt link sub/b.txt sub/deep/c.txt sub/deep/d.log")]
    [InlineData(null, "sub/deep/*.log", "a.txt link sub/b.txt sub/deep/c.txt")]
    [InlineData("*.txt", "b*", "a.txt sub/deep/c.txt")]
    [InlineData("[ab].txt", null, "a.txt sub/b.txt")]
    public void Names_and_paths_choose(string? include, string? exclude, string copied)
    {
        using TempDirectory folder = new();
        folder.MakeDirectory("source/sub/deep");
        foreach (string name in (string[])["a.txt", "sub/b.txt", "sub/deep/c.txt", "sub/deep/d.log"])
            folder.Write($"source/{name}", [1]);
        File.CreateSymbolicLink(folder["source/link"], "a.txt");
        TreeCopies.CopyChecked(
            folder["source"],
            folder["copy"],
            new() { Include = include is null ? [] : [include], Exclude = exclude is null ? [] : [exclude] });
        Assert.Equal(copied.Split(' '), Copied(folder));
    }

    [Fact]
    public void A_directory_in_which_nothing_is_chosen_is_not_made()
    {
        using TempDirectory folder = new();
        folder.MakeDirectory("source/full");
        folder.MakeDirectory("source/empty");
        folder.Write("source/full/file", [1]);
        TreeCopies.CopyChecked(folder["source"], folder["copy"], new() { MinimumSize = 1 });
        Assert.Equal(["full"], Directory.GetDirectories(folder["copy"]).Select(Path.GetFileName));
        TreeCopies.CopyChecked(folder["source"], folder["all"]);
        Assert.Equal(2, Directory.GetDirectories(folder["all"]).Length);
    }

    private static string[] Copied(TempDirectory folder, string name = "copy") => !Directory.Exists(folder[name]) ? [] :
    [
        .. Directory.EnumerateFiles(folder[name], "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder[name], path)).Order(StringComparer.Ordinal),
    ];
}
