using System.Collections.Concurrent;
using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Tests.Transfer.Network.Peers;
using MemTools.Transfer;
using MemTools.Transfer.Network;
using MemTools.Transfer.Trees;
using Xunit.Abstractions;

namespace MemTools.Tests.Transfer.Network;

/// <summary>Somebody on the way changes what is said: found, and never a wrong file under a name.</summary>
public class TamperedTransferTests(ITestOutputHelper output)
{
    public static TheoryData<bool, byte> ControlFrames
    {
        get
        {
            TheoryData<bool, byte> all = [];
            foreach (byte type in (byte[])[WireFrames.Hello, WireFrames.Proof, WireFrames.File, WireFrames.Data, WireFrames.Begin, WireFrames.End])
                all.Add(true, type);
            foreach (byte type in (byte[])[WireFrames.Challenge, WireFrames.Welcome, WireFrames.Answer, WireFrames.Results])
                all.Add(false, type);
            return all;
        }
    }

    /// <summary>One bit of the first frame of a type, in the middle of it: End and the digest are the same frame.</summary>
    [Theory]
    [MemberData(nameof(ControlFrames))]
    public void A_changed_control_frame_is_found_and_the_next_try_succeeds(bool towardsReceiver, byte type)
    {
        int changed = 0;
        byte[] Change(RelayedFrame frame) => frame.Type == type && !frame.IsPayload && Interlocked.Increment(ref changed) == 1
            ? frame.Flipped(frame.Bytes.Length / 2)
            : frame.Bytes;
        using Scene scene = new(Change, towardsReceiver, Change, !towardsReceiver);

        // Without another try it is an error, and nothing of it is there.
        Exception? error = scene.Send(new() { MaximumRetryCount = 0, Verify = VerifyMode.Sha256 }, out TreeOutcome[] outcomes);
        Assert.True(changed > 0, "No such frame was sent.");
        bool failed = error is not null || outcomes.Any(outcome => outcome.Error is not null);
        Assert.True(failed, $"Nobody noticed: {Sending.Text(outcomes)}");
        scene.AssertNothingWrong();

        // The bit was turned once: now it goes through.
        error = scene.Send(new(), out outcomes);
        Assert.True(error is null && outcomes.All(outcome => outcome.Error is null), $"{error} {Sending.Text(outcomes)}");
        scene.AssertAllThere();
    }

    [Theory]
    [InlineData(WireFrames.File, CopyMethod.Auto)]
    [InlineData(WireFrames.Data, CopyMethod.Auto)]
    [InlineData(WireFrames.Data, CopyMethod.Splice)]
    [InlineData(WireFrames.Data, CopyMethod.ReadWrite)]
    public void A_changed_byte_of_content_is_found_by_the_digest(byte type, CopyMethod method)
    {
        int changed = 0;
        using Scene scene = new(
            frame => frame.Type == type && frame.IsPayload && Interlocked.Increment(ref changed) == 1 ? frame.Flipped(frame.Bytes.Length / 2) : frame.Bytes,
            true);
        Exception? error = scene.Send(new() { MaximumRetryCount = 0, Method = method }, out TreeOutcome[] outcomes);
        Assert.True(changed > 0);
        TransferException found = error as TransferException ?? Sending.ErrorOf(outcomes);
        Assert.Equal(ErrorKind.VerificationFailed, found.Kind);
        scene.AssertNothingWrong();
        // The sender may hear of it a moment before others do, and before the unfinished file is gone.
        Waited.For(() => scene.Receiver.Errors.Any(one => one.Kind == ErrorKind.VerificationFailed));
        Waited.For(() => scene.Receiver.Unfinished.Length == 0);
    }

    [Fact]
    public void Any_bit_of_any_place_of_a_session_may_be_changed_and_no_wrong_file_appears()
    {
        int seed = Environment.TickCount;
        Random random = new(seed);
        output.WriteLine($"seed {seed}");
        const int together = 8;
        ConcurrentDictionary<string, int> ends = [];
        Aside[] asides = [.. Enumerable.Range(0, together).Select(part =>
        {
            Random own = new(random.Next());
            return Aside.Run(() =>
            {
                for (int i = 0; i < NetworkRepeats.ChangedBytes / together; i++)
                    ends.AddOrUpdate(ChangeOneBit(own), 1, (_, count) => count + 1);
            });
        })];
        Exception?[] errors = [.. asides.Select(aside => aside.End())];
        output.WriteLine(string.Join(", ", ends.OrderByDescending(end => end.Value).Select(end => $"{end.Value} {end.Key}")));
        Assert.All(errors, error => Assert.True(error is null, $"seed {seed}: {error}"));
        Assert.DoesNotContain("unharmed", ends.Keys);
    }

    /// <summary>Changes a bit of a random frame or part of a payload of a session.</summary>
    /// <returns>How the session ended.</returns>
    private static string ChangeOneBit(Random random)
    {
        int wanted = random.Next(1, 40);
        bool towardsReceiver = random.Next(3) > 0;
        int frames = 0;
        byte[] Change(RelayedFrame frame) => ++frames == wanted ? frame.Flipped(random.Next(frame.Bytes.Length)) : frame.Bytes;
        using Scene scene = new(Change, towardsReceiver, Change, !towardsReceiver, length: 2 << 20);
        SendOptions options = HostileReceiver.Impatient with { IdleTime = TimeSpan.FromSeconds(6), ConnectTime = TimeSpan.FromSeconds(6) };
        Exception? error = scene.Send(options, out TreeOutcome[] outcomes);
        Assert.True(error is null or TransferException, error?.ToString());
        TransferException? first = error as TransferException ?? outcomes.Select(outcome => outcome.Error).FirstOrDefault(one => one is not null);
        scene.AssertNothingWrong();
        return first?.Kind.ToString() ?? (frames < wanted ? "not so many frames" : "unharmed");
    }

    /// <summary>A receiver, a relay before it, and a small and a large file.</summary>
    private sealed class Scene : IDisposable
    {
        private readonly TempDirectory _source = new(Place.Memory);
        private readonly Relay _relay;
        private readonly string[] _files;

        internal Scene(Func<RelayedFrame, byte[]> toReceiver, bool changesThere, Func<RelayedFrame, byte[]>? toSender = null, bool changesBack = false, int length = 5 << 20)
        {
            Receiver = new(options: new() { IdleTime = TimeSpan.FromSeconds(5) });
            _relay = new(Receiver.EndPoint)
            {
                ToReceiver = changesThere ? _ => new(keyed: true, toReceiver) : null,
                ToSender = changesBack && toSender is not null ? _ => new(keyed: true, toSender) : null,
            };
            _files = [_source.Write("small", Content.Random(5000, seed: 1)), _source.Write("large", Content.Random(length, seed: 2))];
        }

        internal RunningReceiver Receiver { get; }

        internal Exception? Send(SendOptions options, out TreeOutcome[] outcomes)
        {
            TreeOutcome[] all = [];
            Exception? error = Record.Exception(() =>
                all = Sending.Run(ConnectionString.ForHost("127.0.0.1", _relay.Port, needsKey: true), Receiver.Key, options, _files));
            outcomes = all;
            return error;
        }

        /// <summary>Each file is there as it should be, or not at all.</summary>
        internal void AssertNothingWrong()
        {
            Assert.Empty(Receiver.Finished.Except(["small", "large"]));
            foreach (string file in _files.Where(file => File.Exists(Receiver[Path.GetFileName(file)])))
                Content.AssertSame(file, Receiver[Path.GetFileName(file)]);
        }

        internal void AssertAllThere()
        {
            AssertNothingWrong();
            Assert.Equal(["large", "small"], Receiver.Names);
        }

        public void Dispose()
        {
            _relay.Dispose();
            Receiver.Dispose();
            _source.Dispose();
        }
    }
}
