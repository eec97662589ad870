using System.Net;
using System.Net.Sockets;

namespace MemTools.Tests.Support;

/// <summary>What connects the two ends of a <see cref="StreamPair"/>.</summary>
public enum Wire
{
    /// <summary>TCP over loopback.</summary>
    Tcp,

    /// <summary>A Unix domain socket.</summary>
    Unix,
}

/// <summary>Two connected sockets.</summary>
internal sealed class StreamPair : IDisposable
{
    internal StreamPair(Wire wire)
    {
        using TempDirectory folder = new();
        EndPoint address = wire == Wire.Tcp ? new IPEndPoint(IPAddress.Loopback, 0) : new UnixDomainSocketEndPoint(folder["socket"]);
        using Socket listener = NewSocket(wire);
        listener.Bind(address);
        listener.Listen(1);
        Near = NewSocket(wire);
        Near.Connect(listener.LocalEndPoint!);
        Far = listener.Accept();
    }

    /// <summary>The end that is tested.</summary>
    internal Socket Near { get; }

    /// <summary>Its peer.</summary>
    internal Socket Far { get; }

    /// <summary>Reads what the peer gets, to the end, on another thread.</summary>
    internal Background<byte[]> ReadAll() => Background.Run(() =>
    {
        using MemoryStream all = new();
        byte[] buffer = new byte[64 * 1024];
        while (Far.Receive(buffer) is var count and > 0)
            all.Write(buffer, 0, count);
        return all.ToArray();
    });

    /// <summary>Sends from the peer, and ends its stream, on another thread.</summary>
    internal Background<bool> SendAll(byte[] bytes) => Background.Run(() =>
    {
        for (int sent = 0; sent < bytes.Length;)
            sent += Far.Send(bytes, sent, bytes.Length - sent, SocketFlags.None);
        Far.Shutdown(SocketShutdown.Send);
    });

    public void Dispose()
    {
        Near.Dispose();
        Far.Dispose();
    }

    private static Socket NewSocket(Wire wire) => wire == Wire.Tcp
        ? new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        : new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
}
