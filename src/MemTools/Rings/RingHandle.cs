using System.IO.Pipes;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using MemTools.Kernel;
using MemTools.Rings;

namespace MemTools.Commands.Support;

/// <summary>Where a ring is filled from or drained to: a file that the command opened, or what the caller has open.</summary>
internal sealed class RingHandle : IDisposable
{
    private readonly SafeHandle _handle;
    private readonly Stream? _stream;
    private readonly bool _owns;

    private RingHandle(SafeHandle handle, Stream? stream, bool owns)
    {
        _handle = handle;
        _stream = stream;
        _owns = owns;
    }

    /// <summary>A file, FIFO or device.</summary>
    internal static RingHandle ToRead(string path, CancellationToken stop) => new(RingFile.OpenToRead(path, stop), null, owns: true);

    /// <summary>A file, FIFO or device.</summary>
    internal static RingHandle ToWrite(string path, RingFileMode mode, CancellationToken stop) =>
        new(RingFile.OpenToWrite(path, mode, stop), null, owns: true);

    /// <summary>What the caller has open, and keeps.</summary>
    /// <param name="value">A stream, socket, client or handle.</param>
    /// <param name="otherWay">What works with a stream that no descriptor stands behind.</param>
    /// <exception cref="MemToolsException">Misuse: it has no descriptor.</exception>
    internal static RingHandle Of(object value, string otherWay)
    {
        object bare = NamedObjectTransformationAttribute.Bare(value)!;
        SafeHandle handle = bare switch
        {
            SafeHandle itself => itself,
            Socket socket => socket.SafeHandle,
            TcpClient client => client.Client.SafeHandle,
            UdpClient client => client.Client.SafeHandle,
            NetworkStream network => network.Socket.SafeHandle,
            FileStream file => file.SafeFileHandle,
            PipeStream pipe => pipe.SafePipeHandle,
            Stream => throw new MemToolsException(ErrorKind.Misuse, $"No descriptor stands behind a {bare.GetType().Name}; {otherWay}."),
            _ => throw new MemToolsException(ErrorKind.Misuse, $"{bare.GetType().Name} is no handle: give a FileStream, pipe, NetworkStream, Socket or SafeHandle."),
        };
        return new(handle, bare as Stream, owns: false);
    }

    /// <summary>Moves bytes, and lets a file's stream know how far.</summary>
    internal RingTransferResult Move(Func<SafeHandle, RingTransferResult> move)
    {
        RingTransferResult result = move(_handle);
        // It remembers its place by itself, and does not see what others did with its descriptor.
        if (_stream is FileStream { CanSeek: true } file)
            file.Seek(result.BytesTransferred, SeekOrigin.Current);
        return result;
    }

    public void Dispose()
    {
        if (_owns)
            _handle.Dispose();
    }
}
