using System.Text;

namespace MemTools.Transfer.Network.Wire;

/// <summary>Sentences that travel: cut to what a frame may hold, and harmless where they are shown.</summary>
internal static class WireText
{
    internal static byte[] Encode(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length <= WireLimits.LongestText)
            return bytes;
        int end = WireLimits.LongestText;
        // Between characters.
        while ((bytes[end] & 0xC0) == 0x80)
            end--;
        return bytes[..end];
    }

    /// <summary>A peer's sentence, without what would move a terminal's cursor or hide in a log.</summary>
    internal static string Read(ReadOnlySpan<byte> bytes) => Harmless(Encoding.UTF8.GetString(bytes));

    /// <summary>A text that holds what a peer chose, such as the name of a file, likewise.</summary>
    internal static string Harmless(string sentence)
    {
        StringBuilder text = new(sentence.Length);
        foreach (Rune rune in sentence.EnumerateRunes())
            text.Append(IsHarmless(rune) ? rune.ToString() : "\uFFFD");
        return text.ToString();
    }

    private static bool IsHarmless(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is not (System.Globalization.UnicodeCategory.Control
            or System.Globalization.UnicodeCategory.Format
            or System.Globalization.UnicodeCategory.LineSeparator
            or System.Globalization.UnicodeCategory.ParagraphSeparator);
}
