using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Network.Moving;

/// <summary>
/// A socket, pipe, terminal or file that somebody else opened, as an end of a move in its order: no call on it waits inside the
/// kernel, so that whoever moves can be stopped. It is never closed here.
/// </summary>
/// <remarks>
/// sendfile(2) and splice(2) cannot be told not to wait on a socket, so a socket is non-blocking while this lives: one of
/// .NET's in a way that .NET knows of, the flag of any other is put back in the end. Pipes and terminals are shared with
/// strangers who would suffer from the flag, so these are opened anew for this process alone.
/// </remarks>
public sealed unsafe class StreamEnd : IDisposable
{
    private readonly SafeHandle _handle;
    private readonly Descriptor _file;
    private readonly int _flagsToRestore = -1;
    private bool _disposed;

    private StreamEnd(SafeHandle handle, string? name, TimeSpan? idleLimit, bool mayBeOpenedAnew)
    {
        ArgumentNullException.ThrowIfNull(handle);
        bool counted = false;
        handle.DangerousAddRef(ref counted);
        _handle = handle;
        _file = new(handle.DangerousGetHandle(), owns: false);
        try
        {
            Name = name ?? NameOf(_file.Number);
            Statx status = Status = FileMetadata.StatusOf(_file, NativePath.From(Name));
            IsSocket = status.Type == Statx.TypeSocket;
            IsPipe = status.Type == Statx.TypeFifo;
            bool isFile = status.IsRegular || status.IsBlockDevice;
            bool blocks = !isFile && !IsFlagSet(_file, OpenFlags.NonBlocking);
            if (IsSocket)
                RequireStream();
            if (IsSocket && blocks)
                _flagsToRestore = MakeNonBlocking();
            else if (blocks && mayBeOpenedAnew)
                _file = OpenedAnew(_file, ref blocks);
            // A write past RLIMIT_FSIZE shall fail with EFBIG rather than end the process.
            Interruption.SurviveSizeLimit();
            // A file is used as a stream too: from where it stands, and so that it stands behind what was moved, as the
            // programs before and after in a script expect of their standard input and output.
            End = new(_file, NativePath.From(Name), HasPositions: false, CanBeCut: false)
            {
                IdleLimit = IsSocket ? idleLimit : null,
                WaitsInCalls = blocks && !IsSocket,
            };
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What a move is given.</summary>
    internal CopyEnd End { get; } = null!;

    /// <summary>Whether it is a socket.</summary>
    public bool IsSocket { get; }

    /// <summary>Whether it is a pipe, with a name or without.</summary>
    public bool IsPipe { get; }

    internal Statx Status { get; }

    /// <summary>What messages call it.</summary>
    public string Name { get; } = null!;

    /// <summary>Calls of <see cref="SendAll"/> and <see cref="Receive"/>.</summary>
    public long SystemCalls { get; private set; }

    /// <summary>A socket of .NET's.</summary>
    /// <param name="socket">Connected, of type Stream.</param>
    /// <param name="idleLimit">How long the peer may give or take nothing; null for ever.</param>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    /// <exception cref="MemToolsException">It is no stream.</exception>
    public static StreamEnd Of(Socket socket, TimeSpan? idleLimit = null)
    {
        ArgumentNullException.ThrowIfNull(socket);
        // Once set, the flag stays, and .NET waits by other means wherever the caller expects a call to wait.
        bool blocking = socket.Blocking;
        socket.Blocking = false;
        socket.Blocking = blocking;
        return new(socket.SafeHandle, NameOf(socket), idleLimit, mayBeOpenedAnew: false);
    }

    /// <summary>Any other open descriptor.</summary>
    /// <param name="handle">It stays open while this lives.</param>
    /// <param name="name">What messages call it; null for what /proc says.</param>
    /// <param name="idleLimit">How long a socket may give or take nothing; null for ever.</param>
    /// <param name="mayBeOpenedAnew">Whether a pipe or terminal may be opened once more, without blocking.</param>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    /// <exception cref="SystemCallException">It is no open descriptor.</exception>
    /// <exception cref="MemToolsException">It is a socket that is no stream.</exception>
    public static StreamEnd Of(SafeHandle handle, string? name, TimeSpan? idleLimit = null, bool mayBeOpenedAnew = true) =>
        new(handle, name, idleLimit, mayBeOpenedAnew);

    /// <summary>Lets a peer read to the end; it may go on sending. Nothing where this is no socket.</summary>
    /// <exception cref="TransferException">The peer is gone.</exception>
    public void EndWriting()
    {
        if (!IsSocket)
            return;
        long result = KernelResult.Of(SocketCalls.Shut(_file, SocketCalls.ShutWriting));
        if (result < 0)
            throw Failure("shutdown", result);
    }

    /// <summary>Sends all of the bytes to a socket.</summary>
    /// <param name="bytes">What to send.</param>
    /// <param name="more">Whether what follows at once may go into the same packet (MSG_MORE).</param>
    /// <param name="stop">Ends it between two calls.</param>
    /// <exception cref="TransferException">The peer is gone, or took nothing for too long.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; some of the bytes may have left.</exception>
    public void SendAll(ReadOnlySpan<byte> bytes, bool more, CancellationToken stop)
    {
        int flags = SocketCalls.DoNotWait | SocketCalls.NoSignal | (more ? SocketCalls.More : 0);
        while (!bytes.IsEmpty)
        {
            long sent = SendOnce(bytes, flags);
            if (sent >= 0)
                bytes = bytes[(int)sent..];
            else if (KernelResult.ErrnoOf(sent) != Errno.EAGAIN)
                throw Failure("send", sent);
            else if (!Readiness.WaitToWrite(_file, stop, End.IdleLimit))
                throw KeptStill("taken");
        }
    }

    /// <summary>Receives what a socket has, and waits where that is nothing yet.</summary>
    /// <returns>At least one byte; 0 at the end of the stream.</returns>
    /// <exception cref="TransferException">The connection broke, or nothing came for too long.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public int Receive(Span<byte> into, CancellationToken stop)
    {
        while (true)
        {
            long received = ReceiveOnce(into);
            if (received >= 0)
                return (int)received;
            if (KernelResult.ErrnoOf(received) != Errno.EAGAIN)
                throw Failure("recv", received);
            if (!Readiness.WaitToRead(_file, stop, End.IdleLimit))
                throw KeptStill("sent");
        }
    }

    /// <summary>Puts the flag of a socket back, and lets the descriptor go.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (_flagsToRestore >= 0)
            _ = FileIO.SetFlags(_file, _flagsToRestore);
        _file.Dispose();
        _handle.DangerousRelease();
    }

    private static bool IsFlagSet(Descriptor file, int flag) => (FileIO.Flags(file) & flag) != 0;

    /// <summary>An address as people write it: a socket for both families shows an IPv4 address as ::ffff:192.0.2.7.</summary>
    internal static string? TextOf(EndPoint? peer) => peer is IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped
        ? new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port).ToString()
        : peer?.ToString();

    private static string NameOf(Socket socket)
    {
        try
        {
            // The peer of a socket that was bound to no name has an empty one.
            return TextOf(socket.RemoteEndPoint) is { Length: > 0 } name ? name : NameOf((int)socket.Handle);
        }
        catch (SocketException)
        {
            return NameOf((int)socket.Handle);
        }
    }

    private static string NameOf(int number)
    {
        string text = number.ToString(CultureInfo.InvariantCulture);
        return new FileInfo($"/proc/self/fd/{text}").LinkTarget ?? $"descriptor {text}";
    }

    private int MakeNonBlocking()
    {
        int flags = FileIO.Flags(_file);
        SystemCallException.Check(FileIO.SetFlags(_file, flags | OpenFlags.NonBlocking), "fcntl", NativePath.From(Name));
        return flags;
    }

    /// <summary>The same pipe or terminal with flags of its own; the one that was given where that is not allowed.</summary>
    private static Descriptor OpenedAnew(Descriptor file, ref bool blocks)
    {
        const int accessModes = OpenFlags.WriteOnly | OpenFlags.ReadWrite;
        int flags = (FileIO.Flags(file) & accessModes) | OpenFlags.NonBlocking | OpenFlags.NoTerminal;
        string link = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{file.Number}");
        _ = FileIO.TryOpen(Descriptor.WorkingDirectory, NativePath.From(link), flags, 0, out Descriptor? own);
        blocks = own is null;
        return own ?? file;
    }

    private void RequireStream()
    {
        int type = 0;
        uint length = sizeof(int);
        SystemCallException.Check(
            KernelResult.Of(SocketCalls.Option(_file, SocketCalls.SocketLevel, SocketCalls.TypeOption, &type, &length)),
            "getsockopt",
            NativePath.From(Name));
        if (type != SocketCalls.StreamType)
        {
            throw new MemToolsException(
                ErrorKind.Misuse, $"'{Name}' is a socket that keeps messages apart: a file needs one of type Stream (TCP, or Unix SOCK_STREAM).");
        }
    }

    private long SendOnce(ReadOnlySpan<byte> bytes, int flags)
    {
        SystemCalls++;
        long returned;
        fixed (byte* start = bytes)
        {
            do returned = SocketCalls.Send(_file, start, (nuint)bytes.Length, flags);
            while (KernelResult.Interrupted(returned));
        }

        return KernelResult.Of(returned);
    }

    private long ReceiveOnce(Span<byte> into)
    {
        SystemCalls++;
        long returned;
        fixed (byte* start = into)
        {
            do returned = SocketCalls.Receive(_file, start, (nuint)into.Length, SocketCalls.DoNotWait);
            while (KernelResult.Interrupted(returned));
        }

        return KernelResult.Of(returned);
    }

    private TransferException Failure(string call, long result)
    {
        SystemCallException failure = new(call, KernelResult.ErrnoOf(result), Name);
        return new(failure.Kind, failure.Message + ".", failure);
    }

    private TransferException KeptStill(string what) => IdleTime.RanOut(Name, what, End.IdleLimit!.Value);
}
