using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.FileSystems;

/// <summary>Files of an overlay's lower layer, as the images of containers have them.</summary>
[Collection(MountingTests.Name)]
public sealed class OverlayTests(MountedFileSystems systems)
{
    private static readonly byte[] Below = Content.Random(100_000, seed: 7);

    /// <summary>Where the lower layer lies. The upper is on a tmpfs: the same one, or another file system.</summary>
    public static TheoryData<FileSystemKind, bool> Layers => new()
    {
        { FileSystemKind.Tmpfs, false },
        { FileSystemKind.Tmpfs, true },
        { FileSystemKind.Ext4, false },
        { FileSystemKind.Ext4, true },
    };

    [SkippableTheory]
    [MemberData(nameof(Layers))]
    public void A_lower_file_is_replaced_above_and_untouched_below(FileSystemKind kind, bool inPlace)
    {
        using TempDirectory lower = systems.Folder(kind);
        using TempDirectory upper = systems.Folder(FileSystemKind.Tmpfs);
        using TempDirectory points = systems.MountPoints();
        lower.Write("file", Below);
        using IDisposable mounted = MountLayers(lower, upper, points);
        byte[] content = Content.Random(200_000);
        FileTransferResult result = Copies.Copy(points.Write("source", content), points["mount/file"], new() { InPlace = inPlace });
        Assert.Equal(inPlace ? "InPlace" : "Renamed", result.Replacement);
        Content.AssertSame(content, points["mount/file"]);
        Content.AssertSame(Below, lower["file"]);
        Assert.Equal([points["mount/file"]], Directory.GetFileSystemEntries(points["mount"]));
    }

    [SkippableTheory]
    [InlineData(FileSystemKind.Tmpfs)]
    [InlineData(FileSystemKind.Ext4)]
    public void A_lower_file_is_a_source_like_any_other(FileSystemKind kind)
    {
        using TempDirectory lower = systems.Folder(kind);
        using TempDirectory upper = systems.Folder(FileSystemKind.Tmpfs);
        using TempDirectory points = systems.MountPoints();
        lower.Write("file", Below);
        using IDisposable mounted = MountLayers(lower, upper, points);
        FileTransferResult result = Copies.Copy(points["mount/file"], points["mount/copy"]);
        Assert.Equal("New", result.Replacement);
        Content.AssertSame(Below, points["mount/copy"]);
        Content.AssertSame(Below, upper["upper/copy"]);
        Assert.False(File.Exists(upper["upper/file"]), "Reading a lower file has copied it up.");
    }

    private IDisposable MountLayers(TempDirectory lower, TempDirectory upper, TempDirectory points)
    {
        string layers = $"lowerdir={lower.Path},upperdir={upper.MakeDirectory("upper")},workdir={upper.MakeDirectory("work")}";
        return systems.Mount(points.MakeDirectory("mount"), "-t", "overlay", "-o", layers, "overlay");
    }
}
