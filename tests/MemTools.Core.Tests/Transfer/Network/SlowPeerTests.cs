using System.Diagnostics;
using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Tests.Transfer.Network.Peers;
using MemTools.Transfer;
using MemTools.Transfer.Network;
using MemTools.Transfer.Trees;
using Xunit.Abstractions;

namespace MemTools.Tests.Transfer.Network;

/// <summary>Long ways, slow readers, broken connections, and many senders at once, all of them honest.</summary>
public class SlowPeerTests(ITestOutputHelper output)
{
    [Fact]
    public void A_way_of_100_milliseconds_costs_no_round_trip_a_file()
    {
        const int files = 400;
        using RunningReceiver receiver = new();
        using TempDirectory source = new(Place.Memory);
        string tree = source.MakeDirectory("tree");
        for (int i = 0; i < files; i++)
            source.Write($"tree/file{i}", Content.Random(4096, seed: i));
        string large = source.Write("large", Content.Random(6 << 20));
        using Relay relay = new(receiver.EndPoint) { Delay = TimeSpan.FromMilliseconds(100) };
        Stopwatch watch = Stopwatch.StartNew();
        TreeOutcome[] outcomes = Sending.Run(ConnectionString.ForHost("127.0.0.1", relay.Port, needsKey: true), receiver.Key, new(), tree, large);
        output.WriteLine($"{watch.Elapsed.TotalSeconds:0.0} s, {relay.Turns} turns");
        Assert.True(outcomes.All(outcome => outcome.Error is null), Sending.Text(outcomes));
        Content.AssertSame(large, receiver["large"]);
        for (int i = 0; i < files; i++)
            Content.AssertSame(source[$"tree/file{i}"], receiver[$"tree/file{i}"]);
        Assert.InRange(relay.Turns, 4, files / 2);
    }

    /// <summary>Slow is not silent: the idle time is much shorter than the transfer.</summary>
    [Fact]
    public void A_slow_reader_gets_everything_in_the_end()
    {
        Aside[] asides = [.. ((CopyMethod[])[CopyMethod.Sendfile, CopyMethod.Mmap]).Select(method => Aside.Run(() => SendToSlowReader(method)))];
        Assert.All(asides.Select(aside => aside.End()).ToArray(), Assert.Null);
    }

    private static void SendToSlowReader(CopyMethod method)
    {
        const int length = 1200 * 1024;
        TimeSpan idle = TimeSpan.FromSeconds(2);
        using RunningReceiver receiver = new(options: new() { IdleTime = idle });
        using TempDirectory source = new(Place.Memory);
        string file = source.Write("file", Content.Random(length));
        using Relay relay = new(receiver.EndPoint) { BytesPerSecond = length / 4 };
        TreeOutcome[] outcomes = Sending.Run(
            ConnectionString.ForHost("127.0.0.1", relay.Port, needsKey: true),
            receiver.Key,
            new() { Method = method, IdleTime = idle, MaximumRetryCount = 0 },
            file);
        Sending.ResultOf(outcomes);
        Content.AssertSame(file, receiver["file"]);
    }

    /// <summary>The idle time is no help to whoever wants to stop now, and neither is the limit of entries without a result.</summary>
    [Fact]
    public void A_sender_whose_receiver_takes_nothing_more_can_be_stopped()
    {
        const int files = 200;
        using TempDirectory source = new(Place.Memory);
        byte[] content = new byte[100 * 1024];
        string[] sources = [.. Enumerable.Range(0, files).Select(i => source.Write($"file{i}", content))];
        using ManualResetEventSlim over = new();
        using CancellationTokenSource stop = new();
        using HostileReceiver receiver = new(peer =>
        {
            peer.AuthenticateAsReceiver(key: null);
            stop.CancelAfter(TimeSpan.FromSeconds(1));
            over.Wait(TimeSpan.FromMinutes(4));
        });
        Stopwatch watch = Stopwatch.StartNew();
        Assert.Throws<OperationCanceledException>(() => Sending.Run(receiver.ConnectionString, key: null, new(), watch: null, stop.Token, sources));
        over.Set();
        Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2), "It waited for the receiver.");
    }

    /// <summary>Counted by who is on the way: what went to the receiver in all is little more than the file.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_connection_that_breaks_is_made_again_and_goes_on_where_it_was(int connections)
    {
        const int length = 48 << 20;
        using RunningReceiver receiver = new();
        using TempDirectory source = new(Place.Memory);
        string file = source.Write("file", Content.Random(length));
        long cut = length * 6L / 10 / connections;
        using Relay relay = new(receiver.EndPoint) { Cuts = [.. Enumerable.Repeat(cut, connections)] };
        TreeOutcome[] outcomes = Sending.Run(
            ConnectionString.ForHost("127.0.0.1", relay.Port, needsKey: true),
            receiver.Key,
            new() { RetryInterval = TimeSpan.FromMilliseconds(50), ConnectionCount = connections },
            file);
        FileTransferResult result = Sending.ResultOf(outcomes);
        Content.AssertSame(file, receiver["file"]);
        output.WriteLine($"{relay.Connections} connections, {relay.BytesToReceiver} bytes for {length}, resumed {result.BytesResumed}");
        Assert.True(relay.Connections > connections);
        // With several, what lay beyond the first gap is sent once more each time one breaks: three fifths of the file at the first
        // break, and all of it at the two others, where one of them was kept from its range all the while.
        Assert.InRange(relay.BytesToReceiver, length, length * (connections == 1 ? 15L : 36L) / 10);
        Assert.True(result.BytesResumed > 0, "It began anew.");
        Assert.Equal(["file"], receiver.Names);
    }

    [Fact]
    public void Small_files_arrive_once_and_whole_although_the_connection_breaks()
    {
        using RunningReceiver receiver = new();
        using TempDirectory source = new(Place.Memory);
        string tree = source.MakeDirectory("tree");
        const int files = 500;
        for (int i = 0; i < files; i++)
            source.Write($"tree/file{i}", Content.Random(i * 37, seed: i));
        using Relay relay = new(receiver.EndPoint) { Cuts = [300_000, 500_000, 700_000] };
        TreeOutcome[] outcomes = Sending.Run(
            ConnectionString.ForHost("127.0.0.1", relay.Port, needsKey: true), receiver.Key, new() { RetryInterval = TimeSpan.FromMilliseconds(20) }, tree);
        Assert.True(outcomes.All(outcome => outcome.Error is null), Sending.Text(outcomes));
        Assert.Equal(files, outcomes.Count(outcome => outcome.Result is { ItemType: "File" }));
        Assert.Equal(files, Directory.GetFiles(receiver["tree"]).Length);
        for (int i = 0; i < files; i++)
            Content.AssertSame(source[$"tree/file{i}"], receiver[$"tree/file{i}"]);
        Assert.True(relay.Connections > 1);
        Waited.For(() => receiver.Unfinished.Length == 0);
    }

    [Fact]
    public void A_hundred_senders_at_once_are_all_served()
    {
        using RunningReceiver receiver = new();
        using TempDirectory source = new(Place.Memory);
        Aside[] senders = [.. Enumerable.Range(0, NetworkRepeats.Senders).Select(sender => Aside.Run(() =>
        {
            string small = source.Write($"small{sender}", Content.Random(5000, seed: sender));
            string large = source.Write($"large{sender}", Content.Random(1200 * 1024, seed: sender));
            TreeOutcome[] outcomes = Sending.Run(receiver.ConnectionString, receiver.Key, new() { ConnectTime = Waited.Longest }, small, large);
            Assert.True(outcomes.All(outcome => outcome.Error is null), Sending.Text(outcomes));
        }))];
        string[] wrong = [.. senders.Select(sender => sender.End()?.Message).OfType<string>()];
        Assert.True(wrong.Length == 0, $"{wrong.Length} failed: {wrong.FirstOrDefault()}\n{receiver.Log}");
        for (int sender = 0; sender < NetworkRepeats.Senders; sender++)
        {
            Content.AssertSame(source[$"small{sender}"], receiver[$"small{sender}"]);
            Content.AssertSame(source[$"large{sender}"], receiver[$"large{sender}"]);
        }

        Waited.For(() => receiver.Receiver.CompletedSessions == NetworkRepeats.Senders && receiver.Receiver.OpenConnections == 0);
        Assert.Equal(2 * NetworkRepeats.Senders, receiver.Names.Length);
    }

    [Fact]
    public void A_sender_that_is_stopped_ends_at_once_and_leaves_nothing_under_a_name()
    {
        using RunningReceiver receiver = new();
        using TempDirectory source = new(Place.Memory);
        string file = source.Write("file", Content.Random(32 << 20));
        using CancellationTokenSource stop = new();
        Assert.ThrowsAny<OperationCanceledException>(() => Sending.Run(
            receiver.ConnectionString,
            receiver.Key,
            new() { BandwidthLimit = 16 << 20 },
            progress =>
            {
                // More than the least that is kept of an unfinished file.
                if (progress.BytesDone > 6 << 20)
                    stop.Cancel();
            },
            stop.Token,
            file));
        Waited.For(() => receiver.Receiver.OpenConnections == 0);
        Assert.Empty(receiver.Finished);
        // The next one goes on from there.
        FileTransferResult result = Sending.ResultOf(Sending.Run(receiver.ConnectionString, receiver.Key, new(), file));
        Assert.True(result.BytesResumed > 0, "It began anew.");
        Content.AssertSame(file, receiver["file"]);
        Assert.Equal(["file"], receiver.Names);
    }

    [Fact]
    public void A_receiver_that_is_stopped_ends_at_once_and_its_sender_is_told()
    {
        using TempDirectory source = new(Place.Memory);
        string file = source.Write("file", Content.Random(32 << 20));
        using RunningReceiver receiver = new();
        Aside sending = Aside.Run(() =>
        {
            TransferException error = Assert.Throws<TransferException>(() => Sending.Run(
                receiver.ConnectionString, receiver.Key, new() { MaximumRetryCount = 0, BandwidthLimit = 8 << 20 }, file));
            Assert.Contains(error.Kind, (ErrorKind[])[ErrorKind.Disconnected, ErrorKind.Unreachable]);
        });
        Waited.For(() => receiver.Unfinished.Length > 0 || receiver.Receiver.Progress.BytesDone > 0);
        Stopwatch watch = Stopwatch.StartNew();
        receiver.Dispose();
        // Idle times are a minute.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(40), "The receiver did not end.");
        Assert.Null(sending.End());
    }
}
