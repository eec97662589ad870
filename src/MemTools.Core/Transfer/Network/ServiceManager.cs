using System.Globalization;
using System.Net.Sockets;
using System.Text;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Network;

/// <summary>
/// What systemd says to a service by its environment, and is told in return: sockets that are listening already
/// (sd_listen_fds(3)), the state (sd_notify(3)), and whether messages go to the journal (sd-daemon(3)).
/// </summary>
public static class ServiceManager
{
    private const int FirstSocket = 3;
    private const int StandardError = 2;
    private const string SocketCount = "LISTEN_FDS";
    private const string SocketOwner = "LISTEN_PID";
    private const string StateSocket = "NOTIFY_SOCKET";
    private const string JournalStream = "JOURNAL_STREAM";

    /// <summary>
    /// Whether messages on standard error go to the journal, which reads <c>&lt;4&gt;</c> at the beginning of a line as its
    /// priority (sd-daemon(3)).
    /// </summary>
    public static bool LogsToJournal { get; } = IsJournal(Environment.GetEnvironmentVariable(JournalStream));

    /// <summary>Takes the socket that systemd listens at for this process; a second call finds none.</summary>
    /// <returns>The socket, the caller's to dispose; null where the process was not started for one.</returns>
    /// <exception cref="MemToolsException">Misuse: several sockets, or one that is connected or no stream.</exception>
    public static Socket? TakeListener()
    {
        string? owner = Environment.GetEnvironmentVariable(SocketOwner);
        string? count = Environment.GetEnvironmentVariable(SocketCount);
        // A child of the service inherits the environment, and the descriptors are not meant for it.
        if (owner != Environment.ProcessId.ToString(CultureInfo.InvariantCulture) || count is null or "0")
            return null;
        Environment.SetEnvironmentVariable(SocketOwner, null);
        Environment.SetEnvironmentVariable(SocketCount, null);
        if (count != "1")
            throw Misuse($"systemd passed {count} sockets, and a receiver listens at one: give the unit a single ListenStream=, or a receiver for each.");
        return Take();
    }

    /// <summary>Tells systemd the state of the service, as with Type=notify; nothing where it did not ask for that.</summary>
    /// <param name="state">Lines such as <c>READY=1</c> and <c>STATUS=…</c> (sd_notify(3)).</param>
    public static void Notify(string state)
    {
        ArgumentNullException.ThrowIfNull(state);
        string? path = Environment.GetEnvironmentVariable(StateSocket);
        if (string.IsNullOrEmpty(path))
            return;
        using Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            // A name that begins with @ has no file: the kernel writes it with a zero byte.
            socket.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(path[0] == '@' ? "\0" + path[1..] : path));
        }
        catch (SocketException)
        {
            // The state is news for the service manager alone: who does not listen misses it.
        }
    }

    /// <summary>Whether standard error is the stream that the variable names by device and inode.</summary>
    private static bool IsJournal(string? stream)
    {
        string[] parts = stream?.Split(':') ?? [];
        if (parts.Length != 2 || !ulong.TryParse(parts[0], out ulong device) || !ulong.TryParse(parts[1], out ulong inode))
            return false;
        try
        {
            using Descriptor error = new(StandardError, owns: false);
            Statx status = FileMetadata.StatusOf(error, NativePath.From("/dev/stderr"));
            return status.Inode == inode && NumberOf(status.DeviceMajor, status.DeviceMinor) == device;
        }
        catch (SystemCallException)
        {
            return false;
        }
    }

    /// <summary>The device as stat(2) has it, in one number: makedev(3).</summary>
    private static ulong NumberOf(ulong major, ulong minor) =>
        ((major & 0xFFFFF000) << 32) | ((major & 0xFFF) << 8) | ((minor & 0xFFFFFF00) << 12) | (minor & 0xFF);

    private static Socket Take()
    {
        Socket? socket = null;
        try
        {
            socket = new(new SafeSocketHandle(FirstSocket, ownsHandle: true));
            RequireListening(socket);
            KeepFromChildren();
            return socket;
        }
        catch (SocketException e)
        {
            throw new MemToolsException(ErrorKind.Misuse, $"systemd is said to have passed a socket, and descriptor {FirstSocket} is none: {e.Message}.", e);
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    private static void RequireListening(Socket socket)
    {
        int listens = (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection)!;
        if (socket.SocketType != SocketType.Stream || listens == 0)
            throw Misuse("systemd passed a socket that does not listen for streams: the unit takes ListenStream= and Accept=no.");
    }

    private static void KeepFromChildren()
    {
        using Descriptor socket = new(FirstSocket, owns: false);
        SystemCallException.Check(
            KernelResult.Of(FileCalls.Control(socket, FileCalls.FcntlSetDescriptorFlags, FileCalls.CloseOnExec)), "fcntl", NativePath.From("socket:[3]"));
    }

    private static MemToolsException Misuse(string message) => new(ErrorKind.Misuse, message);
}
