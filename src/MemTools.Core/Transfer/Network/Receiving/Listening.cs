using System.Net;
using System.Net.Sockets;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Network.Receiving;

/// <summary>The socket on which a receiver listens.</summary>
internal sealed class Listening : IDisposable
{
    private const int Backlog = 512;
    private const int TurnMilliseconds = 50;

    private readonly Socket _socket;
    private readonly string? _path;

    private Listening(Socket socket, string? path, bool? needsKey)
    {
        _socket = socket;
        _path = path;
        socket.Blocking = false;
        ConnectionString = socket.LocalEndPoint switch
        {
            IPEndPoint end => ConnectionString.ForHost(HostOf(end.Address), end.Port, needsKey),
            UnixDomainSocketEndPoint end => ConnectionString.ForUnixSocket(path ?? Path.GetFullPath(end.ToString()), needsKey),
            _ => throw new TransferException(ErrorKind.Misuse, "The socket that was given listens neither on TCP nor on a Unix socket."),
        };
    }

    internal ConnectionString ConnectionString { get; }

    /// <summary>Begins to listen where the options say.</summary>
    /// <exception cref="TransferException">The place cannot be had, or takes a key that there is not.</exception>
    internal static Listening Begin(ReceiveOptions options, bool hasKey)
    {
        bool isPublic = options.UnixSocket is null && !IPAddress.IsLoopback(options.Address);
        if (options.Listener is { } given)
        {
            isPublic = given.LocalEndPoint is IPEndPoint { Address: var address } && !IPAddress.IsLoopback(address);
            RequireKey(isPublic, hasKey);
            return new(given, path: null, hasKey);
        }

        RequireKey(isPublic, hasKey);
        return options.UnixSocket is { } path ? OnUnixSocket(path, hasKey) : OnPort(options, hasKey);
    }

    /// <summary>Waits for the next connection for a moment; null where none came.</summary>
    internal unsafe Socket? Accept()
    {
        PollDescriptor poll = new() { Descriptor = (int)_socket.Handle, Events = PollDescriptor.In };
        if (FileCalls.Poll(&poll, 1, TurnMilliseconds) <= 0)
            return null;
        try
        {
            return _socket.Accept();
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.ConnectionAborted or SocketError.ConnectionReset)
        {
            return null;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
        {
            // The connection waits in the kernel until others have ended.
            Thread.Sleep(TurnMilliseconds);
            return null;
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        if (_path is not null)
            File.Delete(_path);
    }

    /// <exception cref="TransferException">Misuse.</exception>
    internal static void RequireKey(bool isPublic, bool hasKey)
    {
        if (isPublic && !hasKey)
        {
            throw new TransferException(
                ErrorKind.Misuse,
                "Without a key only this host's own loopback address and Unix sockets are served: give a key by -KeyPath, -Key or MEMTOOLS_KEY.");
        }
    }

    private static Listening OnPort(ReceiveOptions options, bool hasKey)
    {
        Socket socket = new(options.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (options.Address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Bind(new IPEndPoint(options.Address, options.Port));
            socket.Listen(Backlog);
            return new(socket, path: null, hasKey);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            ErrorKind kind = e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => ErrorKind.Busy,
                SocketError.AccessDenied => ErrorKind.PermissionDenied,
                SocketError.AddressNotAvailable => ErrorKind.NotFound,
                _ => ErrorKind.SystemCallFailed,
            };
            throw new TransferException(kind, $"Nothing can listen at {new IPEndPoint(options.Address, options.Port)}: {e.Message}. -Port 0 takes a port that is free.", e);
        }
    }

    private static Listening OnUnixSocket(string path, bool hasKey)
    {
        string full = Path.GetFullPath(path);
        RemoveAbandoned(full);
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(full));
            // Before it listens nobody can connect, whatever umask was.
            const uint ownerOnly = 0x180;
            NativePath name = NativePath.From(full);
            SystemCallException.Check(FileMetadata.SetMode(Descriptor.WorkingDirectory, name, ownerOnly), "fchmodat", name);
            socket.Listen(Backlog);
            return new(socket, full, hasKey);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            socket.Dispose();
            ErrorKind kind = e is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } ? ErrorKind.Busy : ErrorKind.SystemCallFailed;
            throw new TransferException(kind, $"Nothing can listen at '{full}': {e.Message}", e);
        }
    }

    /// <summary>Removes the socket of a receiver that was killed: one to which nobody listens any more.</summary>
    private static void RemoveAbandoned(string path)
    {
        long found = FileMetadata.Status(Descriptor.WorkingDirectory, NativePath.From(path), MetadataCalls.AtNoFollow, out Statx status);
        if (found < 0 || status.Type != Statx.TypeSocket)
            return;
        using Socket probe = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
        }
        catch (SocketException)
        {
            // Somebody's, then: binding tells.
        }
    }

    private static string HostOf(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)
        ? Dns.GetHostName()
        : address.ToString();
}
