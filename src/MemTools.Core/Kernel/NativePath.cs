using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace MemTools.Kernel;

/// <summary>
/// A path as the kernel takes it: bytes, ended by a zero. The name at its end shares the bytes of the whole.
/// Names are bytes to Linux; only those that come from .NET are sure to be UTF-8.
/// </summary>
internal readonly struct NativePath
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>No path: with AT_EMPTY_PATH a call then means the descriptor itself.</summary>
    internal static readonly NativePath Empty = From(ReadOnlySpan<byte>.Empty);

    private readonly byte[] _bytes;
    private readonly int _start;

    private NativePath(byte[] bytes, int start)
    {
        _bytes = bytes;
        _start = start;
    }

    /// <summary>The bytes without the zero.</summary>
    internal ReadOnlySpan<byte> Bytes => _bytes.AsSpan(_start, _bytes.Length - _start - 1);

    /// <summary>The last component. Empty only for the root.</summary>
    internal NativePath Name
    {
        get
        {
            int slash = Bytes.LastIndexOf((byte)'/');
            return new(_bytes, _start + slash + 1);
        }
    }

    /// <summary>All but the last component; <c>.</c> where there is but one.</summary>
    internal NativePath Parent
    {
        get
        {
            int slash = Bytes.LastIndexOf((byte)'/');
            ReadOnlySpan<byte> above = slash < 0 ? "."u8 : Bytes[..slash].TrimEnd((byte)'/');
            return From(above.IsEmpty ? "/"u8 : above);
        }
    }

    internal bool IsEmpty => _bytes is null || Bytes.IsEmpty;

    /// <summary>Encodes a path, without the slashes at its end.</summary>
    /// <exception cref="ArgumentException">The path is empty, or holds a zero or half of a surrogate pair.</exception>
    internal static NativePath From(string path)
    {
        if (path.Length == 0)
            throw new ArgumentException("A path cannot be empty.");
        if (path.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException("A path cannot contain the character NUL (\\0).");
        int length = path.AsSpan().TrimEnd('/').Length;
        ReadOnlySpan<char> trimmed = path.AsSpan(0, Math.Max(length, 1));
        try
        {
            byte[] bytes = new byte[StrictUtf8.GetByteCount(trimmed) + 1];
            StrictUtf8.GetBytes(trimmed, bytes);
            return new(bytes, 0);
        }
        catch (EncoderFallbackException)
        {
            throw new ArgumentException($"'{path}' holds half of a surrogate pair, which no UTF-8 name can.");
        }
    }

    [MethodImpl(Compilation.AtOnce)]
    internal static NativePath From(ReadOnlySpan<byte> path)
    {
        byte[] bytes = new byte[path.Length + 1];
        path.CopyTo(bytes);
        return new(bytes, 0);
    }

    /// <summary>This path with one more component.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal NativePath Append(NativePath name)
    {
        ReadOnlySpan<byte> above = Bytes;
        ReadOnlySpan<byte> last = name.Bytes;
        bool slash = above.Length > 0 && above[^1] == (byte)'/';
        byte[] bytes = new byte[above.Length + (slash ? 0 : 1) + last.Length + 1];
        above.CopyTo(bytes);
        bytes[above.Length] = (byte)'/';
        last.CopyTo(bytes.AsSpan(bytes.Length - 1 - last.Length));
        return new(bytes, 0);
    }

    /// <summary>Lets <c>fixed</c> hand the bytes to a system call.</summary>
    public ref readonly byte GetPinnableReference() => ref _bytes[_start];

    /// <summary>Whether a string can carry it.</summary>
    internal bool IsUtf8
    {
        [MethodImpl(Compilation.AtOnce)]
        get => System.Text.Unicode.Utf8.IsValid(Bytes);
    }

    /// <summary>The bytes where no string can carry them exactly, else null.</summary>
    internal byte[]? BytesBeyondText => IsUtf8 ? null : Bytes.ToArray();

    /// <summary>For people: bytes that are not UTF-8 show as <c>\xff</c>.</summary>
    [MethodImpl(Compilation.AtOnce)]
    public override string ToString() => IsUtf8 ? Encoding.UTF8.GetString(Bytes) : Escaped(Bytes);

    private static string Escaped(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new(bytes.Length);
        while (!bytes.IsEmpty)
        {
            OperationStatus status = Rune.DecodeFromUtf8(bytes, out Rune rune, out int consumed);
            if (status == OperationStatus.Done)
                text.Append(rune);
            for (int i = 0; status != OperationStatus.Done && i < consumed; i++)
                text.Append(CultureInfo.InvariantCulture, $"\\x{bytes[i]:x2}");
            bytes = bytes[consumed..];
        }

        return text.ToString();
    }
}
