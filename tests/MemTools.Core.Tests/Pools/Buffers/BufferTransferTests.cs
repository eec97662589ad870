using System.IO.Pipes;
using System.Net;
using System.Net.Sockets;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Pools;
using MemTools.Tests.Support;
using Microsoft.Win32.SafeHandles;

namespace MemTools.Tests.Pools;

/// <summary>Writing many parts with one call and reading into them, however short the kernel's counts are.</summary>
public class BufferTransferTests
{
    private const int Parts = 3000;

    [Fact]
    public void Three_thousand_parts_get_into_a_file_and_back()
    {
        using TempDirectory folder = new();
        using Composite source = new(Parts);
        using (FileStream file = File.Create(folder["file"]))
        {
            file.Write([1, 2, 3]);
            Assert.Equal(source.Content.Length, source.Buffer.WriteTo(file));
            Assert.Equal(source.Content.Length + 3, file.Position);
            file.Write([4]);
        }

        Content.AssertSame([1, 2, 3, .. source.Content, 4], folder["file"]);
        using Composite target = new(Parts, seed: 5);
        using (FileStream file = File.OpenRead(folder["file"]))
        {
            Assert.Equal(1, file.ReadByte());
            file.Position = 3;
            Assert.Equal(source.Content.Length, target.Buffer.ReadFrom(file));
            Assert.Equal(4, file.ReadByte());
        }

        Assert.Equal(source.Content, target.Buffer.GetBytes());
    }

    [Fact]
    public void A_handle_is_written_and_read_at_an_offset_and_at_its_end_there_is_no_more()
    {
        using TempDirectory folder = new();
        using Composite source = new(20);
        using SafeFileHandle handle = File.OpenHandle(folder["file"], FileMode.Create, FileAccess.ReadWrite);
        Assert.Equal(source.Content.Length, source.Buffer.WriteTo(handle, 1000));
        Assert.Equal(source.Content.Length, source.Buffer.WriteTo(handle, 0));
        using Composite target = new(20, seed: 5);
        Assert.Equal(source.Content.Length, target.Buffer.ReadFrom(handle, 0));
        Assert.Equal(source.Content, target.Buffer.GetBytes());
        Assert.Equal(10, target.Buffer.ReadFrom(handle, source.Content.Length + 990));
        Assert.Equal(0, target.Buffer.ReadFrom(handle, 1 << 20));
    }

    [Fact]
    public async Task A_small_pipe_takes_them_bit_by_bit()
    {
        using Composite source = new(Parts);
        using Composite target = new(Parts, seed: 5);
        // Both ends say EAGAIN rather than wait, and the pipe holds a page.
        (SafeFileHandle reader, SafeFileHandle writer) = SmallPipe(OpenFlags.NonBlocking);
        using (reader)
        using (writer)
        {
            Task<long> written = Task.Run(() => source.Buffer.WriteTo(writer));
            Assert.Equal(source.Content.Length, await Task.Run(() => target.Buffer.ReadFrom(reader)));
            Assert.Equal(source.Content.Length, await written);
        }

        Assert.Equal(source.Content, target.Buffer.GetBytes());
    }

    [Fact]
    public async Task A_pipe_that_nobody_reads_does_not_hold_up_who_can_be_stopped()
    {
        using Composite source = new(Parts);
        (SafeFileHandle reader, SafeFileHandle writer) = SmallPipe(flags: 0);
        using (reader)
        using (writer)
        using (CancellationTokenSource stop = new())
        {
            Task write = Task.Run(() => source.Buffer.WriteTo(writer, stop: stop.Token));
            // The pipe is full when it cannot be written any more, and then this can only wait.
            await Task.Run(() => WaitUntilFull(writer));
            Assert.False(write.IsCompleted);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Run(() => source.Buffer.ReadFrom(reader, stop: stop.Token)));
        }
    }

    [Fact]
    public async Task A_socket_gets_them_and_gives_what_is_there()
    {
        (Socket near, Socket far) = await Connected();
        using (near)
        using (far)
        {
            using Composite source = new(Parts);
            using Composite target = new(Parts, seed: 5);
            near.SendBufferSize = 4096;
            Task<long> sent = Task.Run(() => source.Buffer.WriteTo(new NetworkStream(near)));
            Assert.Equal(source.Content.Length, target.Buffer.ReadFrom(far));
            Assert.Equal(source.Content.Length, await sent);
            Assert.Equal(source.Content, target.Buffer.GetBytes());

            using NativeBuffer small = NativeBuffer.Wrap([1, 2, 3]);
            Assert.Equal(3, small.WriteTo(near));
            // More could come, and the minimum says not to wait for it.
            Assert.InRange(target.Buffer.ReadFrom(far, minimum: 1), 1, 3);
            near.Shutdown(SocketShutdown.Send);
            Assert.InRange(target.Buffer.ReadFrom(far), 0, 2);
        }
    }

    [Fact]
    public async Task A_peer_that_is_gone_is_an_error_and_no_signal()
    {
        (Socket near, Socket far) = await Connected();
        using (near)
        {
            far.Dispose();
            using Composite source = new(Parts);
            MemToolsException error = Assert.Throws<MemToolsException>((Action)(() =>
            {
                while (true)
                    source.Buffer.WriteTo(near);
            }));
            Assert.Equal(ErrorKind.Disconnected, error.Kind);
            Assert.Matches("^writev: (EPIPE|ECONNRESET) on 'socket.*bytes had been written before", error.Message);
        }

        (SafeFileHandle reader, SafeFileHandle writer) = SmallPipe(flags: 0);
        reader.Dispose();
        using (writer)
        using (NativeBuffer buffer = NativeBuffer.Create(1))
            Assert.Contains("EPIPE", Assert.Throws<MemToolsException>(() => buffer.WriteTo(writer)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_device_is_an_error_that_says_how_far_it_got()
    {
        using Composite source = new(10);
        using FileStream full = new("/dev/full", FileMode.Open, FileAccess.Write);
        MemToolsException error = Assert.Throws<MemToolsException>(() => source.Buffer.WriteTo(full));
        Assert.Equal((ErrorKind.NoSpace, "pwritev: ENOSPC on '/dev/full': No space left on device. 0 bytes had been written before."), (error.Kind, error.Message));
    }

    [Fact]
    public void Streams_without_a_descriptor_get_their_bytes_one_after_another()
    {
        using Composite source = new(100);
        using MemoryStream memory = new();
        Assert.Equal(source.Content.Length, source.Buffer.WriteTo(memory));
        Assert.Equal(source.Content, memory.ToArray());
        memory.Position = 0;
        using Composite target = new(100, seed: 5);
        int first = (int)target.Buffer.ReadFrom(memory, minimum: 7);
        Assert.InRange(first, 7, source.Content.Length - 1);
        Assert.Equal(source.Content.Length - first, target.Buffer.ReadFrom(memory));
        Assert.Equal(source.Content[first..], target.Buffer.GetBytes(0, source.Content.Length - first));
        Assert.Equal(0, target.Buffer.ReadFrom(memory));
        Assert.Throws<MemToolsException>(() => target.Buffer.ReadFrom(memory, minimum: 0));
        Assert.Throws<MemToolsException>(() => target.Buffer.ReadFrom(memory, minimum: source.Content.Length + 1));
    }

    [Fact]
    public async Task Pipes_of_NET_are_written_beneath()
    {
        using AnonymousPipeServerStream server = new(PipeDirection.Out);
        using AnonymousPipeClientStream client = new(PipeDirection.In, server.ClientSafePipeHandle);
        using Composite source = new(Parts);
        using Composite target = new(Parts, seed: 5);
        Task written = Task.Run(() => source.Buffer.WriteTo(server));
        Assert.Equal(source.Content.Length, target.Buffer.ReadFrom(client));
        await written;
        Assert.Equal(source.Content, target.Buffer.GetBytes());
    }

    private static unsafe void WaitUntilFull(SafeFileHandle pipe)
    {
        PollDescriptor poll = new() { Descriptor = (int)pipe.DangerousGetHandle(), Events = PollDescriptor.Out };
        while (FileCalls.Poll(&poll, 1, 0) != 0)
            Thread.Sleep(1);
    }

    private static unsafe (SafeFileHandle Reader, SafeFileHandle Writer) SmallPipe(int flags)
    {
        int* ends = stackalloc int[2];
        Assert.Equal(0, PipeCalls.Pipe(ends, OpenFlags.CloseOnExec | flags));
        using (Descriptor writer = new(ends[1], owns: false))
            Assert.True(FileCalls.Control(writer, PipeCalls.SetPipeSize, Environment.SystemPageSize) > 0);
        return (new(ends[0], ownsHandle: true), new(ends[1], ownsHandle: true));
    }

    private static async Task<(Socket Near, Socket Far)> Connected()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Socket near = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Task<Socket> accepted = listener.AcceptAsync();
        await near.ConnectAsync(listener.LocalEndPoint!);
        return (near, await accepted);
    }

    /// <summary>Parts of 0 to 400 bytes, native ones and arrays, and what they hold.</summary>
    private sealed class Composite : IDisposable
    {
        internal Composite(int parts, int seed = 1)
        {
            Random random = new(parts);
            NativeBuffer[] buffers = [.. Enumerable.Range(0, parts).Select(i => Make(random.Next(400), i))];
            Content = Support.Content.Random((int)buffers.Sum(buffer => buffer.Length), seed);
            Buffer = NativeBuffer.Concat(buffers);
            Array.ForEach(buffers, buffer => buffer.Dispose());
            Buffer.SetBytes(Content);
        }

        internal byte[] Content { get; }

        internal CompositeBuffer Buffer { get; }

        public void Dispose() => Buffer.Dispose();

        private static NativeBuffer Make(int length, int number) =>
            number % 3 == 0 ? NativeBuffer.Wrap(new byte[length]) : NativeBuffer.Create(length);
    }
}
