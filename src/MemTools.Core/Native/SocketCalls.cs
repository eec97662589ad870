using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemTools.Kernel;

namespace MemTools.Native;

/// <summary>
/// Sockets: recv(2) and send(2), which can be told not to wait whatever the descriptor's flags are, and what .NET's do not do.
/// </summary>
internal static unsafe partial class SocketCalls
{
    internal const int DoNotWait = 0x40;

    /// <summary>MSG_NOSIGNAL: EPIPE without SIGPIPE.</summary>
    internal const int NoSignal = 0x4000;

    /// <summary>MSG_MORE: what follows at once may go into the same packet.</summary>
    internal const int More = 0x8000;

    /// <summary>MSG_PEEK: leaves there what is received.</summary>
    internal const int Peek = 0x2;

    /// <summary>MSG_TRUNC: the answer is the length of the datagram, also where the memory is shorter.</summary>
    internal const int WholeLength = 0x20;

    internal const int SocketLevel = 1;
    internal const int TypeOption = 3;

    /// <summary>SOCK_STREAM: bytes without boundaries; other types keep each message apart.</summary>
    internal const int StreamType = 1;

    /// <summary>SOCK_DGRAM.</summary>
    internal const int DatagramType = 2;

    /// <summary>SHUT_WR: the other side reads to the end, and may go on sending.</summary>
    internal const int ShutWriting = 1;

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    [MethodImpl(Compilation.AtOnce)]
    internal static partial nint Receive(Descriptor socket, void* buffer, nuint count, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    [MethodImpl(Compilation.AtOnce)]
    internal static partial nint Send(Descriptor socket, void* buffer, nuint count, int flags);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    internal static partial int Connect(Descriptor socket, byte* address, uint length);

    [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]
    internal static partial int Shut(Descriptor socket, int what);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    internal static partial int Option(Descriptor socket, int level, int name, int* value, uint* length);
}
