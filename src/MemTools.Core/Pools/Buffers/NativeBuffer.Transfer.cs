using System.Net.Sockets;
using System.Runtime.InteropServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Pools;

/// <summary>Writing to and reading from files, pipes and sockets without a copy in between.</summary>
public sealed unsafe partial class NativeBuffer : IBufferContent
{
    /// <summary>Writes all of it.</summary>
    /// <param name="destination">
    /// Any stream. Files, pipes and sockets get it from the kernel directly (writev(2), a file at the stream's position).
    /// </param>
    /// <param name="stop">Ends it between two calls; the stream has some of it then.</param>
    /// <returns>How many bytes: all.</returns>
    /// <exception cref="MemToolsException">A call failed, such as with EPIPE (Disconnected) or ENOSPC (NoSpace).</exception>
    public long WriteTo(Stream destination, CancellationToken stop = default) =>
        GatherIO.Write(this, destination, stop);

    /// <summary>Sends all of it.</summary>
    /// <param name="destination">A connected socket.</param>
    /// <param name="stop">Ends it between two calls.</param>
    public long WriteTo(Socket destination, CancellationToken stop = default) =>
        GatherIO.Write(this, destination, stop);

    /// <summary>Writes all of it.</summary>
    /// <param name="destination">Something open, such as what File.OpenHandle returns.</param>
    /// <param name="fileOffset">Where in the file (pwritev(2)); null for wherever the handle stands, as with pipes.</param>
    /// <param name="stop">Ends it between two calls.</param>
    public long WriteTo(SafeHandle destination, long? fileOffset = null, CancellationToken stop = default) =>
        GatherIO.Write(this, destination, fileOffset, stop);

    /// <summary>Fills it from its beginning.</summary>
    /// <param name="source">Any stream. Files, pipes and sockets are read by the kernel directly (readv(2)).</param>
    /// <param name="minimum">Returns when so many bytes have come: 1 for whatever is there; null for all of it.</param>
    /// <param name="stop">Ends it between two calls.</param>
    /// <returns>How many bytes; fewer than the minimum where there are no more.</returns>
    public long ReadFrom(Stream source, long? minimum = null, CancellationToken stop = default) =>
        GatherIO.Read(this, source, minimum, stop);

    /// <summary>Fills it from its beginning.</summary>
    /// <param name="source">A connected socket.</param>
    /// <param name="minimum">Returns when so many bytes have come: 1 for whatever is there; null for all of it.</param>
    /// <param name="stop">Ends it between two calls.</param>
    /// <returns>How many bytes; fewer than the minimum where the peer sends no more.</returns>
    public long ReadFrom(Socket source, long? minimum = null, CancellationToken stop = default) =>
        GatherIO.Read(this, source, minimum, stop);

    /// <summary>Fills it from its beginning.</summary>
    /// <param name="source">Something open, such as what File.OpenHandle returns.</param>
    /// <param name="fileOffset">Where in the file (preadv(2)); null for wherever the handle stands, as with pipes.</param>
    /// <param name="minimum">Returns when so many bytes have come; null for all of it.</param>
    /// <param name="stop">Ends it between two calls.</param>
    /// <returns>How many bytes; fewer than the minimum where there are no more.</returns>
    public long ReadFrom(SafeHandle source, long? fileOffset = null, long? minimum = null, CancellationToken stop = default) =>
        GatherIO.Read(this, source, fileOffset, minimum, stop);

    /// <summary>Copies all of it into another.</summary>
    /// <param name="destination">At least as long.</param>
    /// <param name="offset">Where to, in that.</param>
    public void CopyTo(NativeBuffer destination, long offset = 0) => this.CopyInto(destination, offset);

    IoVector[] IVectorSource.HoldVectors() => [new() { Address = Acquire(), Length = (nuint)Length }];

    void IVectorSource.LetGoOfVectors() => Release();

    long IVectorSource.Each(SpanTransfer transfer)
    {
        byte* first = (byte*)Acquire();
        try
        {
            return SpanPieces.Each(first, Length, transfer);
        }
        finally
        {
            Release();
        }
    }
}
