using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Transfer;
using MemTools.Transfer.Network;
using MemTools.Transfer.Trees;

namespace MemTools.Tests.Transfer.Network;

/// <summary>Files and trees between a sender and a receiver, over loopback and Unix sockets.</summary>
public class NetworkSessionTests
{
    private static readonly byte[] Key = Content.Random(32, seed: 99);

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(4096, true)]
    [InlineData(300_000, false)]
    [InlineData(1_048_577, true)]
    [InlineData(9_500_000, false)]
    [InlineData(9_500_000, true)]
    public void A_file_of_any_length_arrives(int length, bool keyed)
    {
        using TempDirectory from = new();
        using TempDirectory to = new();
        string source = from.Write("file", Content.Random(length));
        File.SetLastWriteTimeUtc(source, new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        FileFacts.SetMode(source, 0x1A4);
        using NetworkTransfers transfers = new(to.Path, keyed ? Key : null);
        FileTransferResult result = Assert.Single(transfers.SendChecked(null, source));
        Content.AssertSame(File.ReadAllBytes(source), to["file"]);
        Assert.Equal(FileFacts.Of(source).ModifyTime, FileFacts.Of(to["file"]).ModifyTime);
        Assert.Equal(0x1A4u, FileFacts.ModeOf(to["file"]));
        Assert.Equal(Content.HashOf(source), result.Hash);
        Assert.Equal("New", result.Replacement);
        Assert.Equal("file", result.Destination);
        Assert.Equal(["file"], to.Names);
        FileTransferResult received = Assert.Single(transfers.End().Where(outcome => outcome.Result is not null)).Result!;
        Assert.Equal(result.Hash, received.Hash);
        Assert.Equal(to["file"], received.Destination);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(3, true)]
    public void A_tree_arrives(int connections, bool unix)
    {
        using TempDirectory from = new();
        using TempDirectory to = new();
        string root = MakeTree(from);
        using NetworkTransfers transfers = new(to.Path, Key, unix: unix);
        SendOptions options = new() { ConnectionCount = connections, Preserve = PreserveItems.Mode | PreserveItems.Timestamps | PreserveItems.Xattr };
        _ = transfers.SendChecked(options, root);
        TreeCopies.AssertSame(root, to["tree"]);
        TreeCopies.AssertNoTemporaries(to.Path);
    }

    private static string MakeTree(TempDirectory from)
    {
        string root = from.MakeDirectory("tree");
        for (int i = 0; i < 300; i++)
        {
            string folder = Directory.CreateDirectory(Path.Combine(root, $"d{i % 7}", $"e{i % 3}")).FullName;
            File.WriteAllBytes(Path.Combine(folder, $"f{i}"), Content.Random(i * 37, seed: i));
        }

        Directory.CreateDirectory(Path.Combine(root, "empty"));
        File.WriteAllBytes(Path.Combine(root, "large"), Content.Random(6_000_000));
        File.WriteAllBytes(Path.Combine(root, "medium"), Content.Random(400_000));
        SparseFile.Make(Path.Combine(root, "sparse"), 20_000_000, (5_000_000, Content.Random(70_000)));
        File.CreateSymbolicLink(Path.Combine(root, "d1", "link"), "../large");
        FileFacts.SetMode(Path.Combine(root, "d2"), 0x1C0);
        FileFacts.SetMode(Path.Combine(root, "d1", "e1", "f1"), 0x100);
        Directory.SetLastWriteTimeUtc(Path.Combine(root, "d3"), new DateTime(1999, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        return root;
    }
}
