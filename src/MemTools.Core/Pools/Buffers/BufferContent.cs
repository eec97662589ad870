using System.Text;
using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>What buffers and composites have in common, for what is done with either.</summary>
internal interface IBufferContent : IByteAccess, IVectorSource
{
    /// <exception cref="MemToolsException">These bytes do not lie within it.</exception>
    /// <exception cref="ObjectDisposedException">It has been disposed.</exception>
    void CheckRange(long offset, long count);
}

/// <summary>Bytes and text at an offset, of a buffer as of a composite.</summary>
internal static class BufferContent
{
    internal static byte[] CopyOut(this IBufferContent buffer, long offset, int count)
    {
        buffer.CheckRange(offset, count);
        byte[] bytes = GC.AllocateUninitializedArray<byte>(count);
        buffer.Read(offset, bytes);
        return bytes;
    }

    internal static string TextAt(this IBufferContent buffer, long offset, int count, Encoding? encoding) =>
        (encoding ?? Encoding.UTF8).GetString(buffer.CopyOut(offset, count));

    internal static void CopyIn(this IBufferContent buffer, long offset, byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        buffer.Write(offset, bytes);
    }

    internal static void PutText(this IBufferContent buffer, long offset, string text, Encoding? encoding)
    {
        ArgumentNullException.ThrowIfNull(text);
        buffer.Write(offset, (encoding ?? Encoding.UTF8).GetBytes(text));
    }

    internal static void CopyInto(this IBufferContent source, NativeBuffer destination, long offset)
    {
        ArgumentNullException.ThrowIfNull(destination);
        destination.CheckRange(offset, ((IByteAccess)source).Length);
        _ = source.Each(part =>
        {
            destination.Write(offset, part);
            offset += part.Length;
            return part.Length;
        });
    }
}
