using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;
using MemTools.Transfer;
using MemTools.Transfer.Network.Moving;

namespace MemTools.Tests.Transfer.Network;

/// <summary>Peers that keep still or go away, and people who do not want to wait for them.</summary>
public class UncooperativePeerTests
{
    /// <summary>More than the buffers of both sockets hold.</summary>
    private const int Length = 48 * 1024 * 1024;

    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    public static TheoryData<CopyMethod, Wire> Methods
    {
        get
        {
            TheoryData<CopyMethod, Wire> all = [];
            foreach (CopyMethod method in (CopyMethod[])[CopyMethod.Sendfile, CopyMethod.Splice, CopyMethod.Mmap, CopyMethod.ReadWrite])
            {
                all.Add(method, Wire.Tcp);
                all.Add(method, Wire.Unix);
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_send_to_a_peer_that_does_not_read_can_be_stopped(CopyMethod method, Wire wire)
    {
        using TempDirectory folder = new();
        using StreamPair pair = new(wire);
        using CancellationTokenSource stop = new(Short);
        using StreamEnd end = StreamEnd.Of(pair.Near);
        Stopwatch watch = Stopwatch.StartNew();
        Assert.Throws<OperationCanceledException>(() => Moves.Send(Sparse(folder), 0, Length, end, method, stop.Token));
        Assert.True(watch.Elapsed < Waited.Longest, "It waited for the peer.");
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_peer_that_does_not_read_is_an_error_after_the_idle_limit(CopyMethod method, Wire wire)
    {
        using TempDirectory folder = new();
        using StreamPair pair = new(wire);
        using StreamEnd end = StreamEnd.Of(pair.Near, Short);
        TransferException error = Assert.Throws<TransferException>(() => Moves.Send(Sparse(folder), 0, Length, end, method));
        Assert.Equal(ErrorKind.TimedOut, error.Kind);
        Assert.Contains("has taken nothing for 0.2 seconds", error.Message, StringComparison.Ordinal);
        Assert.InRange(error.BytesTransferred, 1, Length - 1);
    }

    /// <summary>EPIPE or ECONNRESET, and no SIGPIPE: that would end this process and all tests with it.</summary>
    [Theory]
    [MemberData(nameof(Methods))]
    public void A_peer_that_goes_away_is_an_error(CopyMethod method, Wire wire)
    {
        using TempDirectory folder = new();
        using StreamPair pair = new(wire);
        using StreamEnd end = StreamEnd.Of(pair.Near);
        PieceWatcher leave = new(_ => pair.Far.Dispose());
        TransferException error = Assert.Throws<TransferException>(
            () => Moves.Send(Sparse(folder), 0, Length, end, method, default, leave));
        Assert.Equal(ErrorKind.Disconnected, error.Kind);
        Assert.Contains(error.ErrorName, (string[])["EPIPE", "ECONNRESET"]);
        // The second call on the same socket is the one that raises the signal where nobody ignores it.
        error = Assert.Throws<TransferException>(() => Moves.Send(Sparse(folder), 0, Length, end, method));
        Assert.Equal("EPIPE", error.ErrorName);
        error = Assert.Throws<TransferException>(() => end.SendAll(new byte[10], more: false, default));
        Assert.Equal("EPIPE", error.ErrorName);
    }

    [Fact]
    public void The_signal_of_a_broken_pipe_is_ignored_in_every_thread()
    {
        const int sigPipe = 13;
        string line = File.ReadLines("/proc/self/status").First(text => text.StartsWith("SigIgn:", StringComparison.Ordinal));
        ulong ignored = ulong.Parse(line["SigIgn:".Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        Assert.NotEqual(0UL, ignored & (1UL << (sigPipe - 1)));
    }

    [Theory]
    [InlineData(CopyMethod.Splice, Wire.Tcp)]
    [InlineData(CopyMethod.Splice, Wire.Unix)]
    [InlineData(CopyMethod.ReadWrite, Wire.Tcp)]
    [InlineData(CopyMethod.ReadWrite, Wire.Unix)]
    public void A_peer_that_does_not_send_is_an_error_after_the_idle_limit_and_can_be_waited_out(CopyMethod method, Wire wire)
    {
        using TempDirectory folder = new();
        using StreamPair pair = new(wire);
        CopyEnd file = Moves.OpenFile(folder.Write("file", []), OpenFlags.WriteOnly);
        using Descriptor open = file.File;
        pair.Far.Send(new byte[1000]);
        using (StreamEnd end = StreamEnd.Of(pair.Near, Short))
        {
            TransferException error = Assert.Throws<TransferException>(() => Moves.Receive(end, file, 0, method));
            Assert.Equal(ErrorKind.TimedOut, error.Kind);
            Assert.Contains("has sent nothing for 0.2 seconds; 1000 bytes", error.Message, StringComparison.Ordinal);
            Assert.Equal(1000, new FileInfo(folder["file"]).Length);
        }

        using StreamEnd patient = StreamEnd.Of(pair.Near);
        using CancellationTokenSource stop = new(Short);
        Assert.Throws<OperationCanceledException>(() => Moves.Receive(patient, file, 0, method, stop: stop.Token));
    }

    [Fact]
    public void Control_bytes_keep_the_same_limits()
    {
        using StreamPair pair = new(Wire.Tcp);
        using StreamEnd end = StreamEnd.Of(pair.Near, Short);
        TransferException error = Assert.Throws<TransferException>(() => end.Receive(new byte[1], default));
        Assert.Equal(ErrorKind.TimedOut, error.Kind);
        error = Assert.Throws<TransferException>(() => end.SendAll(new byte[Length], more: true, default));
        Assert.Equal(ErrorKind.TimedOut, error.Kind);
        using CancellationTokenSource stop = new();
        stop.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => end.Receive(new byte[1], stop.Token));
    }

    [Fact]
    public void A_connection_that_is_reset_is_told_from_one_that_ends()
    {
        using TempDirectory folder = new();
        using StreamPair pair = new(Wire.Tcp);
        CopyEnd file = Moves.OpenFile(folder.Write("file", []), OpenFlags.WriteOnly);
        using Descriptor open = file.File;
        using StreamEnd end = StreamEnd.Of(pair.Near);
        pair.Far.LingerState = new LingerOption(true, 0);
        pair.Far.Dispose();
        TransferException error = Assert.Throws<TransferException>(() => Moves.Receive(end, file, 0, CopyMethod.Splice));
        Assert.Equal(("ECONNRESET", ErrorKind.Disconnected), (error.ErrorName, error.Kind));
    }

    private static string Sparse(TempDirectory folder)
    {
        string path = folder["large"];
        if (!File.Exists(path))
        {
            using FileStream file = File.Create(path);
            file.SetLength(Length);
        }

        return path;
    }
}
