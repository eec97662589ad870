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
        FileTransferResult received = Assert.Single(transfers.End(), outcome => outcome.Result is not null).Result!;
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

    /// <summary>Whichever connection brings most of it, or all: the other may have come too late.</summary>
    [Theory]
    [InlineData(VerifyMode.Sha256)]
    [InlineData(VerifyMode.None)]
    public void A_file_on_several_connections_tells_its_method(VerifyMode verify)
    {
        using TempDirectory from = new(Place.Memory);
        using TempDirectory to = new(Place.Memory);
        string[] sources = [.. Enumerable.Range(0, 12).Select(i => from.Write($"file{i}", Content.Random((1 << 20) + (i * 700_000) + 1, seed: i)))];
        using NetworkTransfers transfers = new(to.Path, Key);
        FileTransferResult[] sent = transfers.SendChecked(new() { ConnectionCount = 2, Verify = verify }, sources);
        Assert.All(sent, result => Assert.Equal(("Sendfile", result.Length), (result.Method, result.BytesTransferred)));
        Assert.All(transfers.End().Select(outcome => outcome.Result).OfType<FileTransferResult>(), result => Assert.NotEqual("None", result.Method));
    }

    /// <summary>A total of one file is known when it is opened; of a tree only what was found so far is.</summary>
    [Fact]
    public void Progress_has_a_total_where_one_file_is_sent()
    {
        const int length = 20_000_000;
        using TempDirectory from = new();
        using TempDirectory to = new(Place.Memory);
        string sparse = from["sparse"];
        SparseFile.Make(sparse, length, (5_000_000, Content.Random(70_000)));
        using NetworkTransfers transfers = new(to.Path);
        TreeProgress one = ProgressOf(transfers, sparse);
        Assert.Equal((true, 1L, (long)length, 1L, (long)length, 100), (one.FoundAll, one.FilesFound, one.BytesFound, one.FilesDone, one.BytesDone, one.Percent));
        Assert.StartsWith("1 of 1 files, 19.1 MiB of 19.1 MiB, ", TransferProgressText.Status(one), StringComparison.Ordinal);
        TreeProgress tree = ProgressOf(transfers, from.Path);
        Assert.Equal((false, 1L, (long)length, -1), (tree.FoundAll, tree.FilesDone, tree.BytesDone, tree.Percent));
        Assert.StartsWith("1 of 1 or more files, 19.1 MiB, ", TransferProgressText.Status(tree), StringComparison.Ordinal);
        // A receiver finds nothing, it is brought.
        Assert.StartsWith("3 files, ", TransferProgressText.Status(transfers.Receiver.Progress), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_there_is_replaced_or_left_alone()
    {
        using TempDirectory from = new();
        using TempDirectory to = new();
        string[] sources = [from.Write("small", Content.Random(100)), from.Write("large", Content.Random(5_000_000))];
        to.Write("small", "old"u8);
        to.Write("large", "old"u8);
        using (NetworkTransfers careful = new(to.Path, options: new() { NoClobber = true }))
            Assert.All(careful.Send(null, sources), outcome => Assert.Equal(ErrorKind.AlreadyExists, outcome.Error!.Kind));
        Assert.Equal("old"u8.ToArray(), File.ReadAllBytes(to["small"]));
        using NetworkTransfers transfers = new(to.Path);
        Assert.All(transfers.SendChecked(null, sources), result => Assert.Equal("Renamed", result.Replacement));
        Content.AssertSame(sources[0], to["small"]);
        Content.AssertSame(sources[1], to["large"]);
        Assert.Equal(2, to.Names.Length);
    }

    [Fact]
    public void A_missing_source_is_an_error_of_its_own()
    {
        using TempDirectory from = new();
        using TempDirectory to = new();
        using NetworkTransfers transfers = new(to.Path);
        List<TreeOutcome> outcomes = transfers.Send(null, from["missing"], from.Write("here", "x"u8), from["no/where"]);
        Assert.Equal(2, outcomes.Count(outcome => outcome.Error?.Kind == ErrorKind.NotFound));
        Assert.Equal(["here"], to.Names);
        Waited.For(() => transfers.Receiver.CompletedSessions == 1);
    }

    [Fact]
    public void A_receiver_that_waits_for_one_sender_ends_after_it()
    {
        using TempDirectory from = new();
        using TempDirectory to = new();
        using NetworkTransfers transfers = new(to.Path, options: new() { SessionCount = 1 });
        _ = transfers.SendChecked(null, from.Write("a", "x"u8));
        Waited.For(() => transfers.Receiver.OpenConnections == 0);
        using FileSender late = transfers.Sender();
        Waited.For(() => IsUnreachable(late));
    }

    [Fact]
    public void Nobody_comes_and_the_receiver_says_so()
    {
        using TempDirectory to = new();
        using FileReceiver receiver = new(to.Path, null, new() { WaitTime = TimeSpan.FromSeconds(1) });
        receiver.Start();
        Assert.Equal(ErrorKind.TimedOut, Assert.Throws<TransferException>(() => receiver.Outcomes().ToArray()).Kind);
    }

    [Theory]
    [InlineData(CopyMethod.Reflink, VerifyMode.None, 1, PreserveItems.None, "Sendfile")]
    [InlineData(CopyMethod.Auto, VerifyMode.Compare, 1, PreserveItems.None, "Sha256")]
    [InlineData(CopyMethod.Auto, VerifyMode.None, 17, PreserveItems.None, "ConnectionCount")]
    [InlineData(CopyMethod.Auto, VerifyMode.None, 1, PreserveItems.Ownership, "Preserve")]
    public void Options_that_cannot_be_are_refused(CopyMethod method, VerifyMode verify, int connections, PreserveItems preserve, string word)
    {
        SendOptions options = new() { Method = method, Verify = verify, ConnectionCount = connections, Preserve = preserve };
        ArgumentException e = Assert.Throws<ArgumentException>(() => new FileSender(ConnectionString.ForHost("localhost", 1), null, options));
        Assert.Contains(word, e.Message, StringComparison.Ordinal);
    }

    private static TreeProgress ProgressOf(NetworkTransfers transfers, string source)
    {
        using FileSender sender = transfers.Sender();
        using TreeTransfer transfer = sender.Send([source]);
        Assert.All(transfer.Outcomes(), outcome => Assert.Null(outcome.Error));
        return transfer.Progress;
    }

    private static bool IsUnreachable(FileSender sender)
    {
        try
        {
            using TreeTransfer transfer = sender.Send([]);
            return false;
        }
        catch (TransferException e) when (e.Kind is ErrorKind.Unreachable or ErrorKind.Disconnected)
        {
            return true;
        }
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
