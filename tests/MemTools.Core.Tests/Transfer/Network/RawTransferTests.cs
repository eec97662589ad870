using System.IO.Pipes;
using System.Net.Sockets;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;
using MemTools.Transfer;
using MemTools.Transfer.Network;
using MemTools.Transfer.Network.Moving;

namespace MemTools.Tests.Transfer.Network;

/// <summary>Files into streams of others and out of them, without a protocol.</summary>
public class RawTransferTests
{
    private static readonly byte[] Bytes = Content.Random(3_000_001, seed: 11);

    [Theory]
    [InlineData(Wire.Tcp)]
    [InlineData(Wire.Unix)]
    public void A_file_goes_through_a_socket_into_another(Wire wire)
    {
        using TempDirectory folder = new();
        using StreamPair pair = new(wire);
        string source = folder.Write("source", Bytes);
        using StreamEnd from = StreamEnd.Of(pair.Far);
        Background<FileTransferResult> receiving = Background.Run(() => new RawReceive(new()).Receive(from, folder["copy"], default));
        FileTransferResult sent = Send(source, pair.Near);
        FileTransferResult received = receiving.Join();
        Content.AssertSame(source, folder["copy"]);
        Assert.Equal((source, "Sent", "Sendfile", "None"), (sent.Source, sent.Status, sent.Method, sent.Replacement));
        Assert.Equal(("Received", "Splice", "New"), (received.Status, received.Method, received.Replacement));
        Assert.Equal(folder["copy"], received.Destination);
        Assert.Equal(received.Source, from.Name);
        foreach (FileTransferResult result in (FileTransferResult[])[sent, received])
        {
            Assert.Equal((Bytes.Length, Bytes.Length), (result.Length, result.BytesTransferred));
            Assert.Empty(result.Refused);
            Assert.Empty(result.Warnings);
            Assert.True(result.SystemCalls > 0);
        }
    }

    [Fact]
    public void Several_files_follow_one_another_and_a_range_is_a_range()
    {
        using TempDirectory folder = new();
        using StreamPair pair = new(Wire.Tcp);
        string source = folder.Write("source", Bytes);
        Background<byte[]> got = pair.ReadAll();
        using (StreamEnd to = StreamEnd.Of(pair.Near))
        using (RawSend send = new(new() { Offset = 1_000_000, Length = 5000, BandwidthLimit = 1_000_000 }))
        {
            send.Send(source, to, default);
            Assert.Equal(5000, send.Send(source, to, default).Length);
            to.EndWriting();
        }

        byte[] range = Bytes[1_000_000..1_005_000];
        Assert.Equal([.. range, .. range], got.Join());
    }

    [Fact]
    public void A_connection_that_breaks_leaves_the_old_file()
    {
        using TempDirectory folder = new();
        using StreamPair pair = new(Wire.Tcp);
        string file = folder.Write("file", Bytes.AsSpan(0, 100));
        using StreamEnd from = StreamEnd.Of(pair.Near);
        pair.Far.LingerState = new LingerOption(true, 0);
        Background<bool> breaking = Background.Run(() =>
        {
            // More than buffers hold, on some machines: it is taken meanwhile.
            pair.Far.Send(Bytes);
            Thread.Sleep(100);
            pair.Far.Close(0);
        });
        TransferException error = Assert.Throws<TransferException>(() => new RawReceive(new()).Receive(from, file, default));
        breaking.Join();
        Assert.Equal(ErrorKind.Disconnected, error.Kind);
        Assert.Contains("is as it was", error.Message, StringComparison.Ordinal);
        Content.AssertSame(Bytes.AsSpan(0, 100), file);
        Copies.AssertNoTemporaries(folder.Path);
    }

    [Theory]
    [InlineData(CopyMethod.Sendfile)]
    [InlineData(CopyMethod.Mmap)]
    public void A_source_that_is_cut_is_an_error_and_says_what_the_peer_got(CopyMethod method)
    {
        using TempDirectory folder = new();
        using StreamPair pair = new(Wire.Tcp);
        string source = folder.Write("source", new byte[64 * 1024 * 1024]);
        using StreamEnd to = StreamEnd.Of(pair.Near);
        using RawSend send = new(new() { Method = method });
        Background<FileTransferResult> sending = Background.Run(() => send.Send(source, to, default));
        byte[] buffer = new byte[65536];
        Assert.True(pair.Far.Receive(buffer) > 0);
        using (FileStream file = new(source, FileMode.Open, FileAccess.Write))
            file.SetLength(1000);
        Background<byte[]> rest = pair.ReadAll();
        TransferException error = Assert.Throws<TransferException>(() => sending.Join());
        Assert.Equal(ErrorKind.SourceTruncated, error.Kind);
        Assert.Contains("had 67108864 bytes and has 1000", error.Message, StringComparison.Ordinal);
        Assert.Contains("got only the beginning", error.Message, StringComparison.Ordinal);
        pair.Near.Shutdown(SocketShutdown.Send);
        Assert.True(rest.Join().Length < 64 * 1024 * 1024);
    }

    [Fact]
    public void A_directory_or_a_first_byte_makes_no_sense_for_what_comes()
    {
        using TempDirectory folder = new();
        using StreamPair pair = new(Wire.Unix);
        using StreamEnd from = StreamEnd.Of(pair.Near);
        TransferException error = Assert.Throws<TransferException>(() => new RawReceive(new()).Receive(from, folder.Path, default));
        Assert.Equal(ErrorKind.IsDirectory, error.Kind);
        Assert.Throws<ArgumentException>(() => new RawReceive(new() { Offset = 1 }));
        error = Assert.Throws<TransferException>(() => new RawReceive(new()).Receive(from, folder["missing"] + "/file", default));
        Assert.Equal(ErrorKind.NotFound, error.Kind);
    }

    [Fact]
    public void Standard_input_that_is_a_file_is_read_from_where_it_stands()
    {
        using TempDirectory folder = new();
        using StreamPair pair = new(Wire.Tcp);
        using FileStream input = File.OpenRead(folder.Write("input", Bytes));
        input.Seek(12_345, SeekOrigin.Begin);
        input.Flush();
        Background<byte[]> got = pair.ReadAll();
        using (StreamEnd from = StreamEnd.Of(input.SafeFileHandle, null))
        using (StreamEnd to = StreamEnd.Of(pair.Near))
        using (RawSend send = new(new()))
        {
            // .NET keeps the position to itself: it is the descriptor's own that counts for standard input.
            _ = FileIO.Seek(from.End.File, 12_345, 0);
            FileTransferResult result = send.Send(from, to, default);
            to.EndWriting();
            Assert.Equal(("Sendfile", Bytes.Length - 12_345L), (result.Method, result.Length));
            Assert.Equal(input.Name, result.Source);
            Assert.Equal(Bytes.Length, FileIO.Seek(from.End.File, 0, 1));
        }

        Assert.Equal(Content.HashOf(Bytes[12_345..]), Content.HashOf(got.Join()));
    }

    [Fact]
    public void Standard_output_that_appends_is_appended_to()
    {
        using TempDirectory folder = new();
        using StreamPair pair = new(Wire.Tcp);
        string path = folder.Write("output", Bytes.AsSpan(0, 10));
        CopyEnd file = Moves.OpenFile(path, OpenFlags.WriteOnly | OpenFlags.Append);
        Background<bool> sent = pair.SendAll(Bytes);
        using (file.File)
        using (StreamEnd from = StreamEnd.Of(pair.Near))
        using (StreamEnd to = StreamEnd.Of(file.File, null))
        {
            FileTransferResult result = new RawReceive(new()).Receive(from, to, default);
            Assert.Equal("ReadWrite", result.Method);
            Assert.Equal("Splice: EINVAL", Assert.Single(result.Refused).ToString());
        }

        sent.Join();
        Content.AssertSame([.. Bytes[..10], .. Bytes], path);
    }

    [Fact]
    public void A_pipe_goes_into_a_socket_and_comes_out_of_it_without_passing_through_here()
    {
        using StreamPair pair = new(Wire.Tcp);
        using AnonymousPipeServerStream writing = new(PipeDirection.Out);
        using AnonymousPipeServerStream reading = new(PipeDirection.In);
        using MemoryStream got = new();
        Background<bool> written = Background.Run(() =>
        {
            writing.Write(Bytes);
            writing.Dispose();
        });
        Background<bool> read = Background.Run(() => reading.CopyTo(got));
        using StreamEnd near = StreamEnd.Of(pair.Near);
        using StreamEnd far = StreamEnd.Of(pair.Far);
        StreamEnd to = StreamEnd.Of(reading.ClientSafePipeHandle, null);
        Background<FileTransferResult> receiving = Background.Run(() => new RawReceive(new()).Receive(far, to, default));
        using StreamEnd from = StreamEnd.Of(writing.ClientSafePipeHandle, null);
        using RawSend send = new(new());
        FileTransferResult sent = send.Send(from, near, default);
        near.EndWriting();
        Assert.Equal("Splice", sent.Method);
        Assert.Equal("Splice", receiving.Join().Method);
        to.Dispose();
        reading.DisposeLocalCopyOfClientHandle();
        written.Join();
        read.Join();
        Assert.Equal(Content.HashOf(Bytes), Content.HashOf(got.ToArray()));
    }

    private static FileTransferResult Send(string source, Socket socket)
    {
        using StreamEnd to = StreamEnd.Of(socket);
        using RawSend send = new(new());
        FileTransferResult result = send.Send(source, to, default);
        to.EndWriting();
        return result;
    }
}
