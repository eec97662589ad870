using System.IO.Pipes;
using System.Net.Sockets;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;
using MemTools.Transfer;
using MemTools.Transfer.Network.Moving;

namespace MemTools.Tests.Transfer.Network;

/// <summary>Descriptors of others as ends of a move: left as they were, whatever they are.</summary>
public class StreamEndTests
{
    private static readonly byte[] Bytes = Content.Random(700_000, seed: 9);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_socket_of_NET_is_used_as_it_is_and_goes_on_as_its_owner_has_it(bool blocking)
    {
        using TempDirectory folder = new();
        using StreamPair pair = new(Wire.Tcp);
        string file = folder.Write("file", Bytes);
        pair.Near.Blocking = blocking;
        using (StreamEnd end = StreamEnd.Of(pair.Near))
        {
            Background<byte[]> arrived = pair.ReadAll();
            Moves.Send(file, 0, Bytes.Length, end, CopyMethod.Sendfile);
            end.EndWriting();
            Assert.Equal(Content.HashOf(Bytes), Content.HashOf(arrived.Join()));
            Assert.Equal(pair.Near.RemoteEndPoint!.ToString(), end.Name);
        }

        Assert.Equal(blocking, pair.Near.Blocking);
        byte[] answer = new byte[1];
        if (!blocking)
        {
            Assert.Equal(SocketError.WouldBlock, Assert.Throws<SocketException>(() => pair.Near.Receive(answer)).SocketErrorCode);
            return;
        }

        Background<bool> later = Background.Run(() =>
        {
            Thread.Sleep(100);
            pair.Far.Send([42]);
        });
        Assert.Equal(1, pair.Near.Receive(answer));
        later.Join();
    }

    [Fact]
    public async Task A_socket_that_was_used_asynchronously_serves_too()
    {
        using TempDirectory folder = new();
        using StreamPair pair = new(Wire.Tcp);
        string file = folder.Write("file", Bytes);
        Task<int> pending = pair.Near.ReceiveAsync(new byte[1]);
        Background<byte[]> arrived = pair.ReadAll();
        using (StreamEnd end = StreamEnd.Of(pair.Near))
        {
            Moves.Send(file, 0, Bytes.Length, end, CopyMethod.Splice);
            end.EndWriting();
        }

        Assert.Equal(Content.HashOf(Bytes), Content.HashOf(arrived.Join()));
        pair.Far.Send([1]);
        Assert.Equal(1, await pending);
    }

    [Fact]
    public void A_bare_handle_gets_its_flags_back()
    {
        using StreamPair pair = new(Wire.Unix);
        using Descriptor bare = new(pair.Near.Handle, owns: false);
        int before = FileIO.Flags(bare);
        Assert.Equal(0, before & OpenFlags.NonBlocking);
        using (StreamEnd end = StreamEnd.Of(bare, null))
        {
            Assert.StartsWith("socket:[", end.Name, StringComparison.Ordinal);
            Assert.NotEqual(0, FileIO.Flags(bare) & OpenFlags.NonBlocking);
        }

        Assert.Equal(before, FileIO.Flags(bare));
    }

    [Theory]
    [InlineData(CopyMethod.Auto, true)]
    [InlineData(CopyMethod.Auto, false)]
    [InlineData(CopyMethod.ReadWrite, true)]
    [InlineData(CopyMethod.ReadWrite, false)]
    public void A_pipe_is_emptied_into_a_socket_and_its_flags_are_left_alone(CopyMethod method, bool mayBeOpenedAnew)
    {
        using StreamPair pair = new(Wire.Tcp);
        using AnonymousPipeServerStream writing = new(PipeDirection.Out);
        using StreamEnd to = StreamEnd.Of(pair.Near);
        using StreamEnd from = StreamEnd.Of(writing.ClientSafePipeHandle, null, null, mayBeOpenedAnew);
        Assert.True(from.IsPipe);
        Assert.Equal(!mayBeOpenedAnew, from.End.WaitsInCalls);
        Background<byte[]> arrived = pair.ReadAll();
        Background<bool> written = Background.Run(() =>
        {
            writing.Write(Bytes);
            writing.Dispose();
        });
        using StreamMover mover = StreamMover.ForSending(method);
        CopyJob job = Moves.Job(from.End, to.End);
        CopyRun run = new(0, 0, CopyRun.ToTheEnd);
        mover.Move(job, ref run);
        to.EndWriting();
        written.Join();
        Assert.True(run.SourceEnded);
        Assert.Equal(Content.HashOf(Bytes), Content.HashOf(arrived.Join()));
        Assert.Equal(method == CopyMethod.Auto ? CopyMethod.Splice : method, mover.Method);
        using Descriptor bare = new(writing.ClientSafePipeHandle.DangerousGetHandle(), owns: false);
        Assert.Equal(0, FileIO.Flags(bare) & OpenFlags.NonBlocking);
    }

    [Theory]
    [InlineData(CopyMethod.Auto, true)]
    [InlineData(CopyMethod.Auto, false)]
    [InlineData(CopyMethod.ReadWrite, true)]
    [InlineData(CopyMethod.ReadWrite, false)]
    public void A_socket_is_emptied_into_a_pipe_that_is_read_slowly(CopyMethod method, bool mayBeOpenedAnew)
    {
        using StreamPair pair = new(Wire.Unix);
        using AnonymousPipeServerStream reading = new(PipeDirection.In);
        Background<bool> sent = pair.SendAll(Bytes);
        using MemoryStream got = new();
        Background<bool> read = Background.Run(() => reading.CopyTo(got, 30_000));
        using (StreamEnd from = StreamEnd.Of(pair.Near))
        using (StreamEnd to = StreamEnd.Of(reading.ClientSafePipeHandle, null, null, mayBeOpenedAnew))
        {
            using StreamMover mover = StreamMover.ForReceiving(method);
            CopyRun run = new(0, 0, CopyRun.ToTheEnd);
            mover.Move(Moves.Job(from.End, to.End), ref run);
        }

        reading.DisposeLocalCopyOfClientHandle();
        sent.Join();
        read.Join();
        Assert.Equal(Content.HashOf(Bytes), Content.HashOf(got.ToArray()));
    }

    /// <summary>The answer is in the socket before the pipe has more: to wait for the pipe first would be to wait for ever.</summary>
    [Theory]
    [InlineData(CopyMethod.Splice, true)]
    [InlineData(CopyMethod.ReadWrite, true)]
    [InlineData(CopyMethod.ReadWrite, false)]
    public void A_pipe_that_nobody_writes_can_be_left(CopyMethod method, bool mayBeOpenedAnew)
    {
        using StreamPair pair = new(Wire.Tcp);
        using AnonymousPipeServerStream writing = new(PipeDirection.Out);
        using StreamEnd to = StreamEnd.Of(pair.Near, TimeSpan.FromMilliseconds(1));
        using StreamEnd from = StreamEnd.Of(writing.ClientSafePipeHandle, null, null, mayBeOpenedAnew);
        using CancellationTokenSource stop = new(200);
        using StreamMover mover = StreamMover.ForSending(method);
        Assert.Throws<OperationCanceledException>(() =>
        {
            CopyRun run = new(0, 0, CopyRun.ToTheEnd);
            mover.Move(Moves.Job(from.End, to.End, stop.Token), ref run);
        });
    }

    [Fact]
    public void A_socket_that_keeps_messages_apart_is_refused()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        MemToolsException error = Assert.Throws<MemToolsException>(() => StreamEnd.Of(socket));
        Assert.Equal(ErrorKind.Misuse, error.Kind);
    }

    [Fact]
    public void A_socket_that_was_never_connected_is_an_error()
    {
        using TempDirectory folder = new();
        string file = folder.Write("file", Bytes);
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using StreamEnd end = StreamEnd.Of(socket);
        TransferException error = Assert.Throws<TransferException>(() => Moves.Send(file, 0, 100, end, CopyMethod.Sendfile));
        Assert.Equal(ErrorKind.Disconnected, error.Kind);
    }

    [Fact]
    public void A_closed_handle_is_refused()
    {
        StreamPair pair = new(Wire.Tcp);
        pair.Dispose();
        Assert.ThrowsAny<ObjectDisposedException>(() => StreamEnd.Of(pair.Near));
        Assert.ThrowsAny<ObjectDisposedException>(() => StreamEnd.Of(pair.Near.SafeHandle, null));
    }
}
