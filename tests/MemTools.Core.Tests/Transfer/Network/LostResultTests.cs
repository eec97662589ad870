using System.Net.Sockets;
using MemTools.Tests.Support;
using MemTools.Tests.Transfer.Network.Peers;
using MemTools.Transfer;
using MemTools.Transfer.Network;
using MemTools.Transfer.Trees;

namespace MemTools.Tests.Transfer.Network;

/// <summary>A file is finished, and its connection breaks before the sender hears of it.</summary>
public class LostResultTests
{
    private const int Length = 12 << 20;

    private static readonly SendOptions Quick = new() { RetryInterval = TimeSpan.FromMilliseconds(50) };

    [Theory]
    [InlineData(false, VerifyMode.Sha256)]
    [InlineData(true, VerifyMode.Sha256)]
    [InlineData(false, VerifyMode.None)]
    public void A_finished_file_is_not_sent_again(bool noClobber, VerifyMode verify)
    {
        using Scene scene = new(new() { NoClobber = noClobber });
        FileTransferResult result = Sending.ResultOf(scene.Send(Quick with { Verify = verify }));
        Assert.Equal(2, scene.Relay.Connections);
        Assert.Equal((Length, 0L), (result.BytesResumed, result.BytesTransferred));
        Assert.Equal(verify == VerifyMode.None ? null : Content.HashOf(scene.Source), result.Hash);
        Assert.InRange(scene.Relay.BytesToReceiver, Length, Length + (Length / 10));
        scene.AssertArrived();
    }

    /// <summary>What took its place meanwhile, with the same length and time, is found by its content.</summary>
    [Fact]
    public void A_file_that_only_looks_the_same_is_replaced()
    {
        Scene? held = null;
        using Scene scene = held = new(new(), () =>
        {
            // The receiver has named it when it says so.
            using (FileStream file = File.Open(held!.Arrived, FileMode.Open))
                file.Write("changed"u8);
            File.SetLastWriteTimeUtc(held.Arrived, File.GetLastWriteTimeUtc(held.Source));
        });
        FileTransferResult result = Sending.ResultOf(scene.Send(Quick));
        Assert.Equal(Length, result.BytesTransferred);
        Assert.InRange(scene.Relay.BytesToReceiver, 2L * Length, long.MaxValue);
        scene.AssertArrived();
    }

    /// <summary>A receiver, a source, and somebody on the way who cuts the connection instead of passing the first results on.</summary>
    private sealed class Scene : IDisposable
    {
        private readonly TempDirectory _folder = new(Place.Memory);
        private readonly RunningReceiver _receiver;

        internal Scene(ReceiveOptions options, Action? whenLost = null)
        {
            int results = 0;
            byte[] Cut(RelayedFrame frame)
            {
                if (frame.Type != WireFrames.Results || Interlocked.Increment(ref results) > 1)
                    return frame.Bytes;
                whenLost?.Invoke();
                throw new SocketException((int)SocketError.ConnectionReset);
            }

            _receiver = new(options: options);
            Source = _folder.Write("file", Content.Random(Length));
            // In the past, to the second: copies of it have no other time.
            File.SetLastWriteTimeUtc(Source, new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));
            Relay = new(_receiver.EndPoint) { ToSender = _ => new(keyed: true, Cut) };
        }

        internal Relay Relay { get; }

        internal string Source { get; }

        internal string Arrived => _receiver["file"];

        internal TreeOutcome[] Send(SendOptions options) =>
            Sending.Run(ConnectionString.ForHost("127.0.0.1", Relay.Port, needsKey: true), _receiver.Key, options, Source);

        internal void AssertArrived()
        {
            Content.AssertSame(Source, Arrived);
            Assert.Equal(["file"], _receiver.Names);
        }

        public void Dispose()
        {
            Relay.Dispose();
            _receiver.Dispose();
            _folder.Dispose();
        }
    }
}
