using System.IO.Pipes;
using System.Net;
using System.Net.Sockets;
using MemTools.Kernel;
using MemTools.Rings;
using MemTools.Tests.Support;
using Microsoft.Win32.SafeHandles;

namespace MemTools.Tests.Rings;

/// <summary>From and to files, pipes and sockets.</summary>
public class ByteRingDescriptorTests
{
    private static readonly int Page = Environment.SystemPageSize;
    private static readonly TimeSpan Patience = Waited.Longest;

    [Theory]
    [InlineData(RingMode.Stream)]
    [InlineData(RingMode.Record)]
    public async Task A_file_goes_through_the_ring_into_a_file(RingMode mode)
    {
        using TempDirectory folder = new();
        string from = Path.Combine(folder.Path, "from"), to = Path.Combine(folder.Path, "to");
        byte[] content = new byte[3_000_017];
        new Random(1).NextBytes(content);
        await File.WriteAllBytesAsync(from, content);
        using ByteRing ring = ByteRing.Create(new() { Capacity = 1 << 18, Mode = mode });
        Task<RingTransferResult> writer = Task.Run(() =>
        {
            using SafeFileHandle source = File.OpenHandle(from);
            RingTransferResult result = ring.FillFrom(source, long.MaxValue, Patience);
            ring.Complete();
            return result;
        });
        using SafeFileHandle destination = File.OpenHandle(to, FileMode.CreateNew, FileAccess.Write);
        RingTransferResult drained = ring.DrainTo(destination, long.MaxValue, Patience);
        RingTransferResult filled = await writer;
        Assert.Equal(content, await File.ReadAllBytesAsync(to));
        Assert.Equal("EndOfData", filled.Status);
        Assert.Equal("EndOfData", drained.Status);
        Assert.Equal(content.Length, filled.BytesTransferred);
        Assert.Equal(content.Length, drained.BytesTransferred);
        Assert.Equal(mode == RingMode.Record, filled.Records > 0);
        Assert.Equal(filled.Records, drained.Records);
    }

    /// <summary>No buffer in between: a megabyte that is there costs one call, and the end another.</summary>
    [Fact]
    public void Calls_are_as_few_as_can_be()
    {
        using TempDirectory folder = new();
        string from = Path.Combine(folder.Path, "from"), to = Path.Combine(folder.Path, "to");
        File.WriteAllBytes(from, new byte[1 << 20]);
        using ByteRing ring = ByteRing.Create(new() { Capacity = 1 << 21 });
        using SafeFileHandle source = File.OpenHandle(from);
        Assert.Equal(2, ring.FillFrom(source, long.MaxValue, Patience).SystemCalls);
        using SafeFileHandle destination = File.OpenHandle(to, FileMode.CreateNew, FileAccess.Write);
        RingTransferResult drained = ring.DrainTo(destination, 1 << 20, Patience);
        Assert.Equal(1, drained.SystemCalls);
        Assert.Equal("CountReached", drained.Status);
    }

    [Fact]
    public void A_count_is_kept_and_the_descriptor_moves_on_by_it()
    {
        using TempDirectory folder = new();
        string from = Path.Combine(folder.Path, "from");
        File.WriteAllBytes(from, [1, 2, 3, 4, 5]);
        using ByteRing ring = ByteRing.Create();
        using SafeFileHandle source = File.OpenHandle(from);
        Assert.Equal("CountReached", ring.FillFrom(source, 2, Patience).Status);
        Assert.Equal([1, 2], ring.TryRead(9));
        Assert.Equal("EndOfData", ring.FillFrom(source, 9, Patience).Status);
        Assert.Equal([3, 4, 5], ring.TryRead(9));
        Assert.Equal(0, ring.FillFrom(source, 0, Patience).SystemCalls);
    }

    [Fact]
    public async Task A_pipe_that_is_full_is_waited_for_and_a_stop_is_seen()
    {
        using AnonymousPipeServerStream read = new(PipeDirection.In);
        using SafePipeHandle write = read.ClientSafePipeHandle;
        using ByteRing ring = ByteRing.Create(new() { Capacity = 1 << 20 });
        Assert.True(ring.TryWrite(new byte[1 << 20]));
        using CancellationTokenSource stop = new();
        Task<RingTransferResult> drain = Task.Run(() => ring.DrainTo(write, long.MaxValue, Timeout.InfiniteTimeSpan, stop.Token));
        Assert.True(SpinWait.SpinUntil(() => ring.TotalRead > 0, Patience));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => drain.WaitAsync(Patience));
        long taken = ring.TotalRead;
        Assert.InRange(taken, 1, (1 << 20) - 1);
        Assert.Equal("TimedOut", ring.DrainTo(write, long.MaxValue, TimeSpan.Zero).Status);
        byte[] got = new byte[taken];
        await read.ReadExactlyAsync(got);
        Assert.Equal("TimedOut", ring.DrainTo(write, long.MaxValue, TimeSpan.FromMilliseconds(10)).Status);
        Assert.True(ring.TotalRead > taken);
    }

    [Fact]
    public async Task A_pipe_without_data_is_waited_for_and_its_end_seen()
    {
        using AnonymousPipeServerStream write = new(PipeDirection.Out);
        using SafePipeHandle read = write.ClientSafePipeHandle;
        using ByteRing ring = ByteRing.Create();
        using CancellationTokenSource stop = new();
        Task<RingTransferResult> fill = Task.Run(() => ring.FillFrom(read, long.MaxValue, Timeout.InfiniteTimeSpan, stop.Token));
        await write.WriteAsync(new byte[] { 1, 2 });
        byte[] got = new byte[2];
        Assert.Equal(2, ring.Read(got, Patience));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fill.WaitAsync(Patience));
        Assert.Equal("TimedOut", ring.FillFrom(read, 9, TimeSpan.FromMilliseconds(10)).Status);
        await write.WriteAsync(new byte[] { 3 });
        write.Dispose();
        Assert.Equal("EndOfData", ring.FillFrom(read, 9, Patience).Status);
        Assert.Equal([3], ring.TryRead(9));
    }

    [Fact]
    public void A_reader_that_is_gone_is_an_error_and_nothing_is_lost()
    {
        AnonymousPipeServerStream read = new(PipeDirection.In);
        using SafePipeHandle write = read.ClientSafePipeHandle;
        read.Dispose();
        using ByteRing ring = ByteRing.Create();
        Assert.True(ring.TryWrite([1, 2]));
        SystemCallException failure = Assert.Throws<SystemCallException>(() => ring.DrainTo(write, 2, Patience));
        Assert.Equal("EPIPE", failure.ErrorName);
        Assert.Equal(ErrorKind.Disconnected, failure.Kind);
        Assert.Equal([1, 2], ring.TryRead(9));
    }

    [Fact]
    public async Task Two_sockets_carry_a_stream()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using Socket sender = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await sender.ConnectAsync(listener.LocalEndPoint!);
        using Socket receiver = await listener.AcceptAsync();
        using ByteRing outward = ByteRing.Create(new() { Capacity = Page });
        using ByteRing inward = ByteRing.Create(new() { Capacity = Page });
        byte[] content = new byte[1_000_003];
        new Random(2).NextBytes(content);
        Task write = Task.Run(() =>
        {
            outward.Write(content);
            outward.Complete();
        });
        Task send = Task.Run(() =>
        {
            outward.DrainTo(sender.SafeHandle, long.MaxValue, Patience);
            sender.Shutdown(SocketShutdown.Send);
        });
        Task<RingTransferResult> receive = Task.Run(() =>
        {
            RingTransferResult result = inward.FillFrom(receiver.SafeHandle, long.MaxValue, Patience);
            inward.Complete();
            return result;
        });
        using MemoryStream got = new();
        byte[] buffer = new byte[Page];
        while (inward.Read(buffer, Patience) is int length and > 0)
            got.Write(buffer.AsSpan(0, length));
        await Task.WhenAll(write, send, receive);
        Assert.Equal(content, got.ToArray());
        Assert.Equal("EndOfData", (await receive).Status);
    }

    [Fact]
    public void Datagrams_become_records_the_empty_one_too()
    {
        using Socket receiver = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        receiver.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using Socket sender = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sender.Connect(receiver.LocalEndPoint!);
        using ByteRing ring = ByteRing.Create(new() { Capacity = 1 << 18, Mode = RingMode.Record });
        sender.Send([1, 2, 3]);
        sender.Send(ReadOnlySpan<byte>.Empty);
        sender.Send(new byte[60_000]);
        RingTransferResult result = ring.FillFrom(receiver.SafeHandle, 60_003, Patience);
        Assert.Equal(3, result.Records);
        Assert.Equal([1, 2, 3], ring.TryReadRecord());
        Assert.Empty(ring.TryReadRecord()!);
        Assert.Equal(60_000, ring.TryReadRecord()!.Length);
        using ByteRing small = ByteRing.Create(new() { Capacity = 4096, Mode = RingMode.Record });
        sender.Send(new byte[60_000]);
        Assert.Equal(ErrorKind.RecordTooLarge, Assert.Throws<MemToolsException>(() => small.FillFrom(receiver.SafeHandle, 1, Patience)).Kind);
    }

    [Fact]
    public void A_ring_of_records_is_filled_as_far_as_there_is_room()
    {
        using Socket receiver = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        receiver.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using Socket sender = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sender.Connect(receiver.LocalEndPoint!);
        using ByteRing ring = ByteRing.Create(new() { Capacity = 65536, Mode = RingMode.Record });
        // All but 104 bytes: a record of 100 fits with its length.
        Assert.True(ring.TryWriteRecord(new byte[65536 - 4 - 104]));
        sender.Send(new byte[100]);
        Assert.Equal((1, "CountReached"), (ring.FillFrom(receiver.SafeHandle, 100, Patience) is var first ? first.Records : 0, first.Status));
        Assert.Equal(0, ring.Free);
        sender.Send(new byte[101]);
        sender.Send(ReadOnlySpan<byte>.Empty);
        Assert.Equal("TimedOut", ring.FillFrom(receiver.SafeHandle, 1, TimeSpan.FromMilliseconds(20)).Status);
        Assert.NotNull(ring.TryReadRecord());
        // The one that had no room was not lost.
        Assert.Equal(1, ring.FillFrom(receiver.SafeHandle, 1, Patience).Records);
        Assert.Equal(100, ring.TryReadRecord()!.Length);
        Assert.Equal(101, ring.TryReadRecord()!.Length);
    }

    [Fact]
    public void Records_become_datagrams()
    {
        using Socket receiver = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        receiver.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using Socket sender = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sender.Connect(receiver.LocalEndPoint!);
        using ByteRing ring = ByteRing.Create(new() { Mode = RingMode.Record });
        foreach (int length in new[] { 5, 0, 100 })
            ring.WriteRecord(new byte[length]);
        ring.Complete();
        Assert.Equal(3, ring.DrainTo(sender.SafeHandle, long.MaxValue, Patience).SystemCalls);
        byte[] buffer = new byte[1000];
        Assert.Equal([5, 0, 100], [receiver.Receive(buffer), receiver.Receive(buffer), receiver.Receive(buffer)]);
    }

    [Theory]
    [InlineData(RingMode.Stream)]
    [InlineData(RingMode.Record)]
    public void A_flight_recorder_keeps_the_end_of_a_file(RingMode mode)
    {
        using TempDirectory folder = new();
        string from = Path.Combine(folder.Path, "from"), to = Path.Combine(folder.Path, "to");
        byte[] content = new byte[1_000_003];
        new Random(3).NextBytes(content);
        File.WriteAllBytes(from, content);
        using ByteRing ring = ByteRing.Create(new() { Capacity = 1 << 18, Mode = mode, WhenFull = RingFullAction.DropOldest });
        using (SafeFileHandle source = File.OpenHandle(from))
            Assert.Equal(content.Length, ring.FillFrom(source, long.MaxValue, Patience).BytesTransferred);
        ring.Complete();
        using (SafeFileHandle destination = File.OpenHandle(to, FileMode.CreateNew, FileAccess.Write))
            ring.DrainTo(destination, long.MaxValue, Patience);
        byte[] kept = File.ReadAllBytes(to);
        Assert.InRange(kept.Length, 1 << 17, 1 << 18);
        Assert.Equal(content[^kept.Length..], kept);
        Assert.Equal(content.Length - kept.Length, ring.Dropped);
    }

    [Fact]
    public void What_cannot_be_read_says_what_it_was()
    {
        using TempDirectory folder = new();
        string path = Path.Combine(folder.Path, "file");
        File.WriteAllText(path, "x");
        using ByteRing ring = ByteRing.Create();
        using SafeFileHandle forWriting = File.OpenHandle(path, FileMode.Open, FileAccess.Write);
        SystemCallException failure = Assert.Throws<SystemCallException>(() => ring.FillFrom(forWriting, 1, Patience));
        Assert.Equal(("read", "EBADF", path), (failure.Call, failure.ErrorName, failure.Path));
        forWriting.Dispose();
        Assert.Throws<ObjectDisposedException>(() => ring.FillFrom(forWriting, 1, Patience));
    }

    [Fact]
    public async Task Disposing_ends_a_filling_that_waits()
    {
        using AnonymousPipeServerStream write = new(PipeDirection.Out);
        using SafePipeHandle read = write.ClientSafePipeHandle;
        ByteRing ring = ByteRing.Create();
        Task<RingTransferResult> fill = Task.Run(() => ring.FillFrom(read, long.MaxValue, Timeout.InfiniteTimeSpan));
        await write.WriteAsync(new byte[] { 1 });
        Assert.Equal(1, ring.Read(new byte[1], Patience));
        ring.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => fill.WaitAsync(Patience));
    }

    /// <summary>Where there is always room and always data nobody waits, and a stop is seen all the same.</summary>
    [Theory]
    [InlineData(false, RingMode.Stream)]
    [InlineData(true, RingMode.Stream)]
    [InlineData(false, RingMode.Record)]
    public async Task A_flow_without_end_ends_when_it_is_stopped(bool byDisposing, RingMode mode)
    {
        using SafeFileHandle source = File.OpenHandle("/dev/zero");
        using SafeFileHandle destination = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Write);
        using ByteRing ring = ByteRing.Create(new() { Mode = mode });
        using CancellationTokenSource stop = new();
        Task<RingTransferResult> fill = Task.Run(() => ring.FillFrom(source, long.MaxValue, Timeout.InfiniteTimeSpan, stop.Token));
        Task<RingTransferResult> drain = Task.Run(() => ring.DrainTo(destination, long.MaxValue, Timeout.InfiniteTimeSpan, stop.Token));
        Assert.True(SpinWait.SpinUntil(() => ring.TotalRead > 10_000_000, Patience));
        if (byDisposing)
            ring.Dispose();
        else
            await stop.CancelAsync();
        foreach (Task<RingTransferResult> flow in new[] { fill, drain })
        {
            Exception failure = await Assert.ThrowsAnyAsync<Exception>(() => flow.WaitAsync(Patience));
            Assert.True(byDisposing ? failure is ObjectDisposedException : failure is OperationCanceledException, $"{failure}");
        }
    }

    [Fact]
    public async Task A_flow_without_end_ends_in_time()
    {
        using SafeFileHandle source = File.OpenHandle("/dev/zero");
        using SafeFileHandle destination = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Write);
        using ByteRing ring = ByteRing.Create();
        Task<RingTransferResult> fill = Task.Run(() =>
        {
            RingTransferResult result = ring.FillFrom(source, long.MaxValue, TimeSpan.FromMilliseconds(50));
            ring.Complete();
            return result;
        });
        RingTransferResult drained = ring.DrainTo(destination, long.MaxValue, Patience);
        Assert.Equal("TimedOut", (await fill.WaitAsync(Patience)).Status);
        Assert.Equal("EndOfData", drained.Status);
        Assert.Equal((await fill).BytesTransferred, drained.BytesTransferred);
    }

    [Fact]
    public void A_ring_made_to_fail_fails_when_it_is_full_and_the_rest_stays_in_the_source()
    {
        using TempDirectory folder = new();
        string from = folder.Write("from", new byte[Page + 100]);
        using ByteRing ring = ByteRing.Create(new() { Capacity = Page, WhenFull = RingFullAction.Error });
        using SafeFileHandle source = File.OpenHandle(from);
        Assert.Equal(ErrorKind.Full, Assert.Throws<MemToolsException>(() => ring.FillFrom(source, long.MaxValue, Patience)).Kind);
        ring.Clear();
        Assert.Equal(100, ring.FillFrom(source, long.MaxValue, Patience).BytesTransferred);
    }
}
