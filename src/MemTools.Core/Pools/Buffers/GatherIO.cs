using System.Net.Sockets;
using System.Runtime.InteropServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Pools;

/// <summary>Memory in one or many places, held there while calls of the kernel work on it.</summary>
internal interface IVectorSource
{
    /// <summary>In bytes, all places together.</summary>
    long Length { get; }

    /// <summary>Holds the memory and says where it is.</summary>
    /// <exception cref="ObjectDisposedException">It has been given back.</exception>
    IoVector[] HoldVectors();

    /// <summary>Ends what <see cref="HoldVectors"/> began.</summary>
    void LetGoOfVectors();

    /// <summary>Reads or writes piece by piece through a stream that has no descriptor.</summary>
    long Each(SpanTransfer transfer);
}

/// <summary>Writes or reads a part; returns how many bytes, and less than it has where there is no more.</summary>
internal delegate int SpanTransfer(Span<byte> part);

/// <summary>Gather-write and scatter-read between memory and what .NET has open.</summary>
internal static class GatherIO
{
    internal static long Write(IVectorSource source, Stream stream, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (VectorEnd.TryOf(stream) is { } end)
            return Write(source, end, stop);
        return source.Each(part =>
        {
            stop.ThrowIfCancellationRequested();
            stream.Write(part);
            return part.Length;
        });
    }

    internal static long Write(IVectorSource source, Socket socket, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return Write(source, VectorEnd.Of(socket), stop);
    }

    internal static long Write(IVectorSource source, SafeHandle handle, long? offset, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(handle);
        return Write(source, VectorEnd.Of(handle, offset), stop);
    }

    private static long Write(IVectorSource source, VectorEnd end, CancellationToken stop)
    {
        using (end)
        {
            // Past RLIMIT_FSIZE a write raises SIGXFSZ, which kills, besides failing.
            Interruption.SurviveSizeLimit();
            return Transfer(source, end, isWrite: true, source.Length, stop);
        }
    }

    internal static long Read(IVectorSource destination, Stream stream, long? minimum, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (VectorEnd.TryOf(stream) is { } end)
            return Read(destination, end, minimum, stop);
        long enough = Minimum(destination, minimum);
        long total = 0;
        return destination.Each(part =>
        {
            stop.ThrowIfCancellationRequested();
            int read = stream.ReadAtLeast(part, (int)Math.Clamp(enough - total, 0, part.Length), throwOnEndOfStream: false);
            total += read;
            return read;
        });
    }

    internal static long Read(IVectorSource destination, Socket socket, long? minimum, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return Read(destination, VectorEnd.Of(socket), minimum, stop);
    }

    internal static long Read(IVectorSource destination, SafeHandle handle, long? offset, long? minimum, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(handle);
        return Read(destination, VectorEnd.Of(handle, offset), minimum, stop);
    }

    private static long Read(IVectorSource destination, VectorEnd end, long? minimum, CancellationToken stop)
    {
        using (end)
            return Transfer(destination, end, isWrite: false, Minimum(destination, minimum), stop);
    }

    private static long Minimum(IVectorSource destination, long? minimum) => minimum switch
    {
        null => destination.Length,
        >= 1 when minimum <= destination.Length => minimum.Value,
        _ => throw new MemToolsException(ErrorKind.Misuse, $"At least {minimum} bytes cannot be waited for: there is room for {destination.Length}."),
    };

    private static long Transfer(IVectorSource memory, VectorEnd end, bool isWrite, long minimum, CancellationToken stop)
    {
        IoVector[] parts = memory.HoldVectors();
        try
        {
            VectorTransfer transfer = new(end.File, end.Path, isWrite, parts, stop);
            try
            {
                transfer.Run(minimum, end.Offset);
                return transfer.Transferred;
            }
            finally
            {
                end.Advance(transfer.Transferred);
            }
        }
        finally
        {
            memory.LetGoOfVectors();
        }
    }
}
