using System.Runtime.InteropServices;

namespace MemTools.Kernel;

/// <summary>Bytes of a fixed number that are reached by their offset: a mapped file, a buffer, a block of a pool.</summary>
internal interface IByteAccess
{
    /// <summary>In bytes.</summary>
    long Length { get; }

    /// <summary>Whether they can be changed.</summary>
    bool IsWritable { get; }

    /// <summary>For whoever wanted it longer: that it stays as it is, and what would work.</summary>
    string LengthIsFixed { get; }

    /// <summary>Copies bytes out; all of them, or an exception.</summary>
    void Read(long offset, Span<byte> buffer);

    /// <summary>Copies bytes in; all of them, or an exception.</summary>
    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Whatever is not open any more says so.</summary>
    void ThrowIfClosed();
}

/// <summary>Numbers at an offset that need not be aligned, in either order of bytes.</summary>
internal static class ByteAccess
{
    internal static T ReadValue<T>(this IByteAccess bytes, long offset, bool bigEndian)
        where T : unmanaged
    {
        T value = default;
        Span<byte> raw = MemoryMarshal.AsBytes(new Span<T>(ref value));
        bytes.Read(offset, raw);
        if (bigEndian == BitConverter.IsLittleEndian)
            raw.Reverse();
        return value;
    }

    internal static void WriteValue<T>(this IByteAccess bytes, long offset, T value, bool bigEndian)
        where T : unmanaged
    {
        Span<byte> raw = MemoryMarshal.AsBytes(new Span<T>(ref value));
        if (bigEndian == BitConverter.IsLittleEndian)
            raw.Reverse();
        bytes.Write(offset, raw);
    }
}
