using System.Globalization;
using System.Text.RegularExpressions;
using MemTools.Tests.Support;

namespace MemTools.Tests.FileSystems;

/// <summary>Where the blocks of a file lie, as filefrag(8) tells it.</summary>
internal static partial class SharedExtents
{
    private const long Block = 4096;

    /// <summary>First block on the disk, count of blocks and whether it is shared, of each extent up to the file's end.</summary>
    internal static (long Block, long Count, bool Shared)[] Of(string path)
    {
        string list = Tool.RunChecked(Tool.Need("filefrag", "e2fsprogs"), "-s", "-v", $"-b{Block}", path);
        long length = new FileInfo(path).Length;
        // XFS allocates ahead, beyond the end: nobody's content lies there.
        return [.. ExtentLine().Matches(list)
            .Where(extent => Number(extent, "start") * Block < length)
            .Select(extent => (
                Number(extent, "block"),
                Number(extent, "count"),
                extent.Groups["flags"].Value.Contains("shared", StringComparison.Ordinal)))];
    }

    internal static void AssertShared(string one, string other)
    {
        (long Block, long Count, bool Shared)[] blocks = Of(one);
        Assert.NotEmpty(blocks);
        Assert.All(blocks, extent => Assert.True(extent.Shared, $"An extent of '{one}' is not shared."));
        Assert.Equal(blocks, Of(other));
    }

    internal static void AssertNotShared(string path)
    {
        Assert.NotEmpty(Of(path));
        Assert.DoesNotContain(Of(path), extent => extent.Shared);
    }

    private static long Number(Match extent, string name) => long.Parse(extent.Groups[name].Value, CultureInfo.InvariantCulture);

    // ext:     logical_offset:        physical_offset: length:   expected: flags:
    [GeneratedRegex(@"^ *\d+: +(?<start>\d+)\.\. +\d+: +(?<block>\d+)\.\. +\d+: +(?<count>\d+):(?<flags>.*)$", RegexOptions.Multiline)]
    private static partial Regex ExtentLine();
}
