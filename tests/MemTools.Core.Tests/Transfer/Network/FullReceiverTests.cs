using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Tests.Transfer.Network.Peers;
using MemTools.Transfer;
using MemTools.Transfer.Network;
using MemTools.Transfer.Trees;

namespace MemTools.Tests.Transfer.Network;

/// <summary>No room at the receiver: the sender is told why, and nothing half-written has a name.</summary>
public class FullReceiverTests
{
    [SkippableTheory]
    [InlineData(CopyMethod.Auto, 1)]
    [InlineData(CopyMethod.ReadWrite, 4)]
    public void A_disk_that_fills_up_is_told_to_the_sender_and_smaller_files_still_arrive(CopyMethod method, int connections)
    {
        using TempDirectory folder = new(Place.Memory);
        string small = folder.MakeDirectory("small");
        using IDisposable mounted = Machine.Mount(small, "-t", "tmpfs", "-o", "size=8m", "tmpfs");
        using RunningReceiver receiver = new(destination: small);
        string large = folder.Write("large", Content.Random(20 << 20));
        string little = folder.Write("little", Content.Random(10_000));
        string old = folder.Write("old", Content.Random(3 << 20, seed: 4));
        SendOptions options = new() { Method = method, ConnectionCount = connections };
        Sending.ResultOf(Sending.Run(receiver.ConnectionString, receiver.Key, options, old));

        // Another file of the same name does not fit beside the old one either.
        File.WriteAllBytes(old, Content.Random(7 << 20, seed: 5));
        TreeOutcome[] outcomes = Sending.Run(receiver.ConnectionString, receiver.Key, options, large, old);
        TransferException[] errors = [.. outcomes.Select(outcome => outcome.Error).OfType<TransferException>()];
        Assert.True(errors.Length == 2, Sending.Text(outcomes));
        Assert.All(errors, error =>
        {
            Assert.Equal(ErrorKind.NoSpace, error.Kind);
            Assert.Contains("space", error.Message, StringComparison.OrdinalIgnoreCase);
        });
        Sending.ResultOf(Sending.Run(receiver.ConnectionString, receiver.Key, options, little));
        Waited.For(() => receiver.Unfinished.Length == 0);
        Assert.Equal(["little", "old"], receiver.Names);
        Content.AssertSame(Content.Random(3 << 20, seed: 4), receiver["old"]);
        Content.AssertSame(little, receiver["little"]);
        Waited.For(() => receiver.Errors.Any(error => error.Kind == ErrorKind.NoSpace));
    }

    /// <summary>Ended in the middle by the disk rather than refused at the start, since it is written to meanwhile.</summary>
    [SkippableFact]
    public void Many_small_files_into_a_disk_that_fills_up_arrive_whole_or_not_at_all()
    {
        using TempDirectory folder = new(Place.Memory);
        string small = folder.MakeDirectory("small");
        using IDisposable mounted = Machine.Mount(small, "-t", "tmpfs", "-o", "size=2m", "tmpfs");
        using RunningReceiver receiver = new(destination: small);
        string[] files = [.. Enumerable.Range(0, 100).Select(i => folder.Write($"file{i}", Content.Random(50_000, seed: i)))];
        TreeOutcome[] outcomes = Sending.Run(receiver.ConnectionString, receiver.Key, new(), files);
        Assert.Equal(100, outcomes.Count(outcome => outcome.Error is not null || outcome.Result is not null));
        Assert.All(outcomes.Select(outcome => outcome.Error).OfType<TransferException>(), error => Assert.Equal(ErrorKind.NoSpace, error.Kind));
        Waited.For(() => receiver.Unfinished.Length == 0);
        string[] arrived = receiver.Names;
        Assert.InRange(arrived.Length, 20, 60);
        Assert.Equal(outcomes.Count(outcome => outcome.Result is not null), arrived.Length);
        Assert.All(arrived, name => Content.AssertSame(folder[name], receiver[name]));
    }
}
