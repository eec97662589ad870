using System.Buffers;
using System.Buffers.Text;
using MemTools.Kernel;

namespace MemTools.Transfer;

/// <summary>
/// The names of unfinished files: <c>.&lt;name&gt;.memtools-&lt;12 hexadecimal digits&gt;</c>, the name shortened to fit.
/// </summary>
internal static class TemporaryName
{
    private const int LongestName = 255;
    private const int DigitCount = 12;

    private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789abcdef"u8);

    private static ReadOnlySpan<byte> Mark => ".memtools-"u8;

    internal static NativePath For(NativePath name)
    {
        ReadOnlySpan<byte> kept = Shorten(name.Bytes, LongestName - 1 - Mark.Length - DigitCount);
        Span<byte> bytes = stackalloc byte[1 + kept.Length + Mark.Length + DigitCount];
        bytes[0] = (byte)'.';
        kept.CopyTo(bytes[1..]);
        Mark.CopyTo(bytes[(1 + kept.Length)..]);
        Utf8Formatter.TryFormat(
            Random.Shared.NextInt64() & 0xFFFF_FFFF_FFFF, bytes[^DigitCount..], out _, new('x', DigitCount));
        return NativePath.From(bytes);
    }

    internal static bool Matches(ReadOnlySpan<byte> name) =>
        name.Length > 1 + Mark.Length + DigitCount && name[0] == (byte)'.' && HasMark(name);

    private static bool HasMark(ReadOnlySpan<byte> name) =>
        name[..^DigitCount].EndsWith(Mark) && name[^DigitCount..].IndexOfAnyExcept(Digits) < 0;

    /// <summary>Cuts between characters, not within one, for file systems that insist on UTF-8.</summary>
    private static ReadOnlySpan<byte> Shorten(ReadOnlySpan<byte> name, int limit)
    {
        if (name.Length <= limit)
            return name;
        int end = limit;
        while (end > 0 && (name[end] & 0xC0) == 0x80)
            end--;
        return name[..end];
    }
}
