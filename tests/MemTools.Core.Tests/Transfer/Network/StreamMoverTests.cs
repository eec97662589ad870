using System.Net.Sockets;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;
using MemTools.Transfer;
using MemTools.Transfer.Network.Moving;

namespace MemTools.Tests.Transfer.Network;

/// <summary>Bytes between files and sockets, by every method.</summary>
public class StreamMoverTests
{
    private const int Length = (5 * 1024 * 1024) + 4321;

    private static readonly byte[] Bytes = Content.Random(Length, seed: 3);
    private static readonly CopyMethod[] Senders =
        [CopyMethod.Auto, CopyMethod.Sendfile, CopyMethod.Splice, CopyMethod.Mmap, CopyMethod.ReadWrite];

    private static readonly CopyMethod[] Receivers = [CopyMethod.Auto, CopyMethod.Splice, CopyMethod.ReadWrite];

    public static TheoryData<CopyMethod> SendMethods => [.. Senders];

    public static TheoryData<CopyMethod, Wire> Sends => Combine(Senders);

    public static TheoryData<CopyMethod, Wire> Receipts => Combine(Receivers);

    [Theory]
    [MemberData(nameof(Sends))]
    public void What_is_sent_arrives(CopyMethod method, Wire wire)
    {
        using TempDirectory folder = new();
        using StreamPair pair = new(wire);
        string file = folder.Write("file", Bytes);
        Background<byte[]> arrived = pair.ReadAll();
        using (StreamEnd end = StreamEnd.Of(pair.Near))
        {
            (CopyJob job, CopyRun run, StreamMover mover) = Moves.Send(file, 1001, Length - 2002, end, method);
            end.EndWriting();
            Assert.Equal(Length - 2002, job.BytesTransferred);
            Assert.False(run.SourceEnded);
            Assert.Equal(method == CopyMethod.Auto ? CopyMethod.Sendfile : method, mover.Method);
            Assert.Empty(mover.Refused);
            Assert.True(job.SystemCalls > 0);
        }

        Assert.Equal(Content.HashOf(Bytes[1001..^1001]), Content.HashOf(arrived.Join()));
    }

    /// <summary>A piece bounds how long a stop request waits for a slow disk inside a call.</summary>
    [Theory]
    [MemberData(nameof(SendMethods))]
    public void No_call_moves_more_than_four_mebibytes(CopyMethod method)
    {
        using TempDirectory folder = new();
        using StreamPair pair = new(Wire.Unix);
        string file = folder.Write("file", Bytes);
        Background<byte[]> arrived = pair.ReadAll();
        using StreamEnd end = StreamEnd.Of(pair.Near);
        LongestPiece longest = new();
        Moves.Send(file, 0, Length, end, method, default, longest);
        end.EndWriting();
        Assert.Equal(Length, arrived.Join().Length);
        Assert.InRange(longest.Length, 1, 4 * 1024 * 1024);
    }

    [Theory]
    [MemberData(nameof(Receipts))]
    public void What_comes_is_written_where_it_belongs(CopyMethod method, Wire wire)
    {
        using TempDirectory folder = new();
        using StreamPair pair = new(wire);
        CopyEnd file = Moves.OpenFile(folder.Write("file", Bytes.AsSpan(0, 777)), OpenFlags.WriteOnly);
        Background<bool> sent = pair.SendAll(Bytes);
        using (file.File)
        using (StreamEnd end = StreamEnd.Of(pair.Near))
        {
            (CopyJob job, CopyRun run, StreamMover mover) = Moves.Receive(end, file, 777, method);
            Assert.Equal(Length, job.BytesTransferred);
            Assert.True(run.SourceEnded);
            Assert.Equal(method == CopyMethod.Auto ? CopyMethod.Splice : method, mover.Method);
        }

        sent.Join();
        Content.AssertSame([.. Bytes[..777], .. Bytes], folder["file"]);
    }

    [Theory]
    [InlineData(CopyMethod.Splice)]
    [InlineData(CopyMethod.ReadWrite)]
    public void A_range_is_received_and_not_a_byte_more(CopyMethod method)
    {
        using TempDirectory folder = new();
        using StreamPair pair = new(Wire.Tcp);
        CopyEnd file = Moves.OpenFile(folder.Write("file", []), OpenFlags.WriteOnly);
        Background<bool> sent = pair.SendAll(Bytes);
        byte[] rest = new byte[1000];
        using (file.File)
        using (StreamEnd end = StreamEnd.Of(pair.Near))
        {
            (_, CopyRun run, _) = Moves.Receive(end, file, 0, method, length: Length - 1000);
            Assert.False(run.SourceEnded);
            for (int got = 0; got < rest.Length;)
                got += end.Receive(rest.AsSpan(got), default);
            Assert.Equal(0, end.Receive(new byte[1], default));
            Assert.True(end.SystemCalls >= 2);
        }

        sent.Join();
        Content.AssertSame(Bytes.AsSpan(0, Length - 1000), folder["file"]);
        Assert.Equal(Bytes[^1000..], rest);
    }

    [Theory]
    [MemberData(nameof(Receipts))]
    public void The_null_device_takes_everything(CopyMethod method, Wire wire)
    {
        using StreamPair pair = new(wire);
        NativePath path = NativePath.From("/dev/null");
        using Descriptor file = FileIO.Open(Descriptor.WorkingDirectory, path, OpenFlags.WriteOnly);
        Background<bool> sent = pair.SendAll(Bytes);
        using StreamEnd end = StreamEnd.Of(pair.Near);
        (CopyJob job, _, _) = Moves.Receive(end, new(file, path, HasPositions: false, CanBeCut: false), 0, method);
        Assert.Equal(Length, job.BytesTransferred);
        sent.Join();
    }

    /// <summary>Bytes that are in the pipe when the destination turns out to take no pages are not lost.</summary>
    [Fact]
    public void A_destination_that_takes_no_pages_gets_its_bytes_by_write()
    {
        using StreamPair pair = new(Wire.Tcp);
        NativePath path = NativePath.From("/proc/thread-self/comm");
        string before = File.ReadAllText(path.ToString());
        using Descriptor file = FileIO.Open(Descriptor.WorkingDirectory, path, OpenFlags.WriteOnly);
        Background<bool> sent = pair.SendAll("newname"u8.ToArray());
        using StreamEnd end = StreamEnd.Of(pair.Near);
        (CopyJob job, _, StreamMover mover) = Moves.Receive(end, new(file, path, HasPositions: false, CanBeCut: false), 0, CopyMethod.Auto);
        string after = File.ReadAllText(path.ToString());
        File.WriteAllText(path.ToString(), before);
        sent.Join();
        Assert.Equal(7, job.BytesTransferred);
        Refusal refusal = Assert.Single(mover.Refused);
        Assert.Equal(("Splice", "EINVAL"), (refusal.Method, refusal.ErrorName));
        Assert.Equal(CopyMethod.ReadWrite, mover.Method);
        Assert.Equal("newname\n", after);
    }

    [Theory]
    [MemberData(nameof(SendMethods))]
    public void A_source_that_is_cut_is_found(CopyMethod method)
    {
        using TempDirectory folder = new();
        using StreamPair pair = new(Wire.Tcp);
        string file = folder.Write("file", Bytes);
        Background<byte[]> arrived = pair.ReadAll();
        const int left = (4 * 1024 * 1024) + 4096;
        using (StreamEnd end = StreamEnd.Of(pair.Near))
        {
            PieceWatcher cut = new(_ =>
            {
                using FileStream stream = new(file, FileMode.Open, FileAccess.Write);
                stream.SetLength(left);
            });
            (CopyJob job, CopyRun run, _) = Moves.Send(file, 0, Length, end, method, default, cut);
            Assert.True(run.SourceEnded);
            // ReadWrite may have had a piece in its buffer; of a mapping, a call that meets the end may take nothing at all.
            Assert.InRange(job.BytesTransferred, left - (64 * 1024), Length - 1);
            end.EndWriting();
        }

        byte[] got = arrived.Join();
        int whole = Math.Min(got.Length, left);
        Assert.True(got.AsSpan(0, whole).SequenceEqual(Bytes.AsSpan(0, whole)));
    }

    [Theory]
    [InlineData(CopyMethod.Sendfile)]
    [InlineData(CopyMethod.Mmap)]
    public void A_method_that_cannot_receive_says_what_can(CopyMethod method)
    {
        using TempDirectory folder = new();
        using StreamPair pair = new(Wire.Tcp);
        CopyEnd file = Moves.OpenFile(folder.Write("file", []), OpenFlags.WriteOnly);
        using Descriptor open = file.File;
        using StreamEnd end = StreamEnd.Of(pair.Near);
        pair.SendAll(new byte[100]).Join();
        TransferException error = Assert.Throws<TransferException>(() => Moves.Receive(end, file, 0, method));
        Assert.Equal(ErrorKind.MethodNotPossible, error.Kind);
        Assert.Contains("Splice, ReadWrite", error.Message, StringComparison.Ordinal);
    }

    private static TheoryData<CopyMethod, Wire> Combine(CopyMethod[] methods)
    {
        TheoryData<CopyMethod, Wire> all = [];
        foreach (CopyMethod method in methods)
        {
            all.Add(method, Wire.Tcp);
            all.Add(method, Wire.Unix);
        }

        return all;
    }

    private sealed class LongestPiece : IPieceObserver
    {
        internal long Length { get; private set; }

        public void Copied(CopyJob job, long sourceOffset, long destinationOffset, long length, ReadOnlySpan<byte> content) =>
            Length = Math.Max(Length, length);

        public void Hole(long length)
        {
        }
    }
}
