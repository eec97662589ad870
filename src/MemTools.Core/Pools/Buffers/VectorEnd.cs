using System.IO.Pipes;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>The descriptor beneath a stream, socket or handle of .NET's, held open, and where it stands in its file.</summary>
internal sealed class VectorEnd : IDisposable
{
    private readonly SafeHandle _handle;
    private readonly FileStream? _stream;

    private VectorEnd(SafeHandle handle, string path, long? offset, FileStream? stream = null)
    {
        bool held = false;
        handle.DangerousAddRef(ref held);
        (_handle, _stream, Path, Offset) = (handle, stream, path, offset);
        File = new(handle.DangerousGetHandle(), owns: false);
    }

    internal Descriptor File { get; }

    internal string Path { get; }

    /// <summary>Null for wherever the descriptor stands.</summary>
    internal long? Offset { get; }

    internal static VectorEnd Of(Socket socket) => new(socket.SafeHandle, SocketName(socket), null);

    internal static VectorEnd Of(SafeHandle handle, long? offset) => new(handle, handle.GetType().Name, offset);

    /// <summary>Null for a stream that has no descriptor beneath it, or does more than pass bytes on.</summary>
    internal static VectorEnd? TryOf(Stream stream) => stream switch
    {
        FileStream file => OfFile(file),
        NetworkStream network => Of(network.Socket),
        PipeStream pipe => new(pipe.SafePipeHandle, "a pipe", null),
        _ => null,
    };

    /// <summary>Tells the stream how far it has come.</summary>
    internal void Advance(long count)
    {
        if (_stream is not null && Offset is { } start)
            _stream.Position = start + count;
    }

    public void Dispose()
    {
        File.Dispose();
        _handle.DangerousRelease();
    }

    /// <summary>What the stream holds back goes first; it keeps the position itself, and its descriptor does not.</summary>
    private static VectorEnd OfFile(FileStream stream)
    {
        stream.Flush();
        return new(stream.SafeFileHandle, stream.Name, stream.CanSeek ? stream.Position : null, stream);
    }

    private static string SocketName(Socket socket)
    {
        try
        {
            return $"socket to {socket.RemoteEndPoint}";
        }
        catch (SocketException)
        {
            // It has lost its peer, or never had one.
            return "socket";
        }
    }
}
