using System.Management.Automation;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using MemTools.Transfer.Network.Moving;

namespace MemTools.Commands;

/// <summary>What -Socket takes: connections and pipes that the caller has, and goes on to have.</summary>
internal static class StreamEnds
{
    /// <exception cref="ArgumentException">It is nothing of the kind, or not connected.</exception>
    internal static StreamEnd Of(object given, TimeSpan? idleLimit) => (given is PSObject shell ? shell.BaseObject : given) switch
    {
        Socket socket => Connected(socket, idleLimit),
        TcpClient client => Connected(client.Client, idleLimit),
        NetworkStream stream => Connected(stream.Socket, idleLimit),
        SafeHandle handle => StreamEnd.Of(handle, name: null, idleLimit),
        var other => throw new ArgumentException(
            $"-Socket takes a Socket, a TcpClient, a NetworkStream or a SafeHandle, and this is a {other.GetType().Name}."),
    };

    private static StreamEnd Connected(Socket? socket, TimeSpan? idleLimit) => socket is { Connected: true }
        ? StreamEnd.Of(socket, idleLimit)
        : throw new ArgumentException("-Socket takes a socket that is connected: connect it, or accept a connection from one that listens.");
}
