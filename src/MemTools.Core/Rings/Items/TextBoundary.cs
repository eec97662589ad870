using System.Text;

namespace MemTools.Rings;

/// <summary>Where text may be cut without cutting a character in two.</summary>
internal static class TextBoundary
{
    private const byte HighSurrogateFirst = 0xD8;
    private const byte HighSurrogateLast = 0xDB;

    /// <summary>How many of the bytes are whole characters.</summary>
    /// <param name="bytes">Encoded text from the beginning of a character on.</param>
    /// <param name="encoding">UTF-8, UTF-16 or UTF-32; others are taken for one byte a character.</param>
    internal static int WholeCharacters(ReadOnlySpan<byte> bytes, Encoding encoding) => encoding switch
    {
        UTF8Encoding => bytes.Length - PartOfUtf8(bytes),
        UnicodeEncoding => WholeUtf16(bytes, isBigEndian: encoding.CodePage == Encoding.BigEndianUnicode.CodePage),
        UTF32Encoding => bytes.Length & ~3,
        _ => bytes.Length,
    };

    /// <summary>How many bytes at the end are the beginning of a character.</summary>
    private static int PartOfUtf8(ReadOnlySpan<byte> bytes)
    {
        int most = Math.Min(bytes.Length, 3);
        for (int i = 1; i <= most; i++)
        {
            byte one = bytes[^i];
            // Not a byte that goes on with a character, so it begins one: of two, three or four bytes.
            if ((one & 0xC0) != 0x80)
                return i < LengthOfUtf8(one) ? i : 0;
        }

        return 0;
    }

    private static int LengthOfUtf8(byte first) => first switch
    {
        >= 0xF0 => 4,
        >= 0xE0 => 3,
        >= 0xC0 => 2,
        _ => 1,
    };

    private static int WholeUtf16(ReadOnlySpan<byte> bytes, bool isBigEndian)
    {
        int whole = bytes.Length & ~1;
        if (whole == 0)
            return 0;
        byte last = bytes[whole - (isBigEndian ? 2 : 1)];
        return last is >= HighSurrogateFirst and <= HighSurrogateLast ? whole - 2 : whole;
    }
}
