using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer.Network.Moving;

namespace MemTools.Transfer.Network.Connections;

/// <summary>
/// A connected socket. No call on it waits inside the kernel for longer than it may; <see cref="Abort"/> ends every wait, of
/// whatever thread, at once. One thread may send while another receives.
/// </summary>
internal sealed unsafe class PeerSocket : IDisposable
{
    private readonly Socket _socket;

    internal PeerSocket(Socket socket, string? name = null)
    {
        _socket = socket;
        socket.Blocking = false;
        bool isUnix = socket.AddressFamily == AddressFamily.Unix;
        if (!isUnix)
            socket.NoDelay = true;
        Name = name ?? (isUnix ? "unix socket" : StreamEnd.TextOf(socket.RemoteEndPoint) ?? "unknown peer");
        IsLocal = isUnix || (IsLoopback(socket.RemoteEndPoint) && IsLoopback(socket.LocalEndPoint));
        File = new(socket.Handle, owns: false);
        Path = NativePath.From(Name);
    }

    /// <summary>The peer's address, for messages and results.</summary>
    internal string Name { get; }

    internal NativePath Path { get; }

    /// <summary>Whether both ends are on this host: what may do without a key.</summary>
    internal bool IsLocal { get; }

    /// <summary>Whether a call on it has failed, so that nobody can tell how much arrived.</summary>
    internal bool IsBroken { get; private set; }

    /// <summary>Takes note that somebody else's call on it failed, or was broken off.</summary>
    internal void Break()
    {
        IsBroken = true;
        Abort();
    }

    /// <summary>For moving payloads; does not wait.</summary>
    internal Descriptor File { get; }

    /// <summary>How long the peer may keep still.</summary>
    internal TimeSpan IdleLimit { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Receives what there is; waits where there is nothing yet.</summary>
    /// <param name="buffer">At least a byte.</param>
    /// <param name="deadline">A moment of the stopwatch after which it has taken too long.</param>
    /// <returns>Bytes, or 0 at the end of the stream.</returns>
    /// <exception cref="TransferException">TimedOut, Disconnected, or what else the kernel says.</exception>
    [MethodImpl(Compilation.AtOnce)]
    internal int Receive(Span<byte> buffer, long deadline)
    {
        while (true)
        {
            long received = TryReceive(buffer);
            if (received >= 0)
                return (int)received;
            if (KernelResult.ErrnoOf(received) != Errno.EAGAIN)
                throw Failure("recv", received);
            if (!Wait(PollDescriptor.In, deadline))
                throw new TransferException(ErrorKind.TimedOut, $"'{Name}' said nothing for too long.");
        }
    }

    /// <summary>What is there, or a negative errno: EAGAIN where nothing is yet.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal long TryReceive(Span<byte> buffer)
    {
        long returned;
        fixed (byte* start = buffer)
        {
            do returned = SocketCalls.Receive(File, start, (nuint)buffer.Length, SocketCalls.DoNotWait);
            while (KernelResult.Interrupted(returned));
        }

        return KernelResult.Of(returned);
    }

    /// <summary>Sends all of it; each part has the idle limit to be taken.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="more">Whether more follows at once, for the kernel to put into the same packet.</param>
    [MethodImpl(Compilation.AtOnce)]
    internal void Send(ReadOnlySpan<byte> bytes, bool more = false)
    {
        const int moreFollows = 0x8000;
        int flags = SocketCalls.DoNotWait | SocketCalls.NoSignal | (more ? moreFollows : 0);
        while (!bytes.IsEmpty)
        {
            long returned;
            fixed (byte* start = bytes)
            {
                do returned = SocketCalls.Send(File, start, (nuint)bytes.Length, flags);
                while (KernelResult.Interrupted(returned));
            }

            long sent = KernelResult.Of(returned);
            if (sent >= 0)
                bytes = bytes[(int)sent..];
            else if (KernelResult.ErrnoOf(sent) != Errno.EAGAIN)
                throw Failure("send", sent);
            else
                WaitToSend();
        }
    }

    /// <summary>Waits until the peer takes bytes.</summary>
    internal void WaitToSend()
    {
        if (Wait(PollDescriptor.Out, DeadlineIn(IdleLimit)))
            return;
        IsBroken = true;
        throw new TransferException(ErrorKind.TimedOut, $"'{Name}' took nothing for {IdleLimit.TotalSeconds:0} seconds.");
    }

    /// <summary>Whether a few bytes would be taken at once.</summary>
    internal bool CanSend => Wait(PollDescriptor.Out, deadline: Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 1000));

    /// <summary>Whether the peer has gone: nothing that is sent will arrive.</summary>
    internal bool IsGone
    {
        get
        {
            PollDescriptor poll = new() { Descriptor = File.Number, Events = PollDescriptor.ReadHangUp };
            return FileCalls.Poll(&poll, 1, 0) > 0;
        }
    }

    /// <summary>Ends the connection in both directions; who waits on it is woken.</summary>
    internal void Abort()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is ended already.
        }
    }

    /// <summary>Says that nothing more will be sent.</summary>
    internal void EndSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is ended already.
        }
    }

    public void Dispose() => _socket.Dispose();

    [MethodImpl(Compilation.AtOnce)]
    internal static long DeadlineIn(TimeSpan time) => Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);

    internal TransferException Failure(string call, long result)
    {
        IsBroken = true;
        SystemCallException inner = new(call, KernelResult.ErrnoOf(result), Name);
        ErrorKind kind = inner.Kind == ErrorKind.SystemCallFailed ? ErrorKind.Disconnected : inner.Kind;
        return new(kind, inner.Message + ".", inner);
    }

    private static bool IsLoopback(EndPoint? end) => end is IPEndPoint { Address: var address }
        && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    /// <summary>False when the deadline is over. A failure is for the next call to report.</summary>
    [MethodImpl(Compilation.AtOnce)]
    private bool Wait(short events, long deadline)
    {
        while (true)
        {
            double milliseconds = Math.Ceiling((deadline - Stopwatch.GetTimestamp()) * 1000.0 / Stopwatch.Frequency);
            if (milliseconds <= 0)
                return false;
            PollDescriptor poll = new() { Descriptor = File.Number, Events = events };
            int ready = FileCalls.Poll(&poll, 1, (int)Math.Min(milliseconds, int.MaxValue));
            if (ready > 0)
                return true;
        }
    }
}
