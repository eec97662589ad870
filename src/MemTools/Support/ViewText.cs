using System.Globalization;
using System.Text;
using MemTools.Kernel;

namespace MemTools.Commands.Support;

/// <summary>Numbers as the table views show them; called from MemTools.Format.ps1xml.</summary>
public static class ViewText
{
    /// <summary>Bytes in binary units, such as 1.5 MiB; empty for null.</summary>
    /// <param name="bytes">A length in bytes.</param>
    public static string Size(long? bytes) => bytes is { } value ? HumanUnits.Size(value) : string.Empty;

    /// <summary>A number of bytes to the byte where a column has room for it, else with a unit.</summary>
    /// <param name="bytes">The number, which may be beyond what a signed one holds.</param>
    /// <param name="width">Characters of the column.</param>
    public static string Exact(double bytes, int width)
    {
        string digits = bytes.ToString("N0", CultureInfo.CurrentCulture);
        return digits.Length <= width ? digits : HumanUnits.Size(bytes);
    }

    /// <summary>A bar of block characters, to an eighth of one; a sliver for whatever is more than nothing, empty for null.</summary>
    /// <param name="share">The part of the width that is filled, from 0 to 1.</param>
    /// <param name="width">Characters of a full bar.</param>
    public static string Bar(double? share, int width)
    {
        if (share is not { } value)
            return string.Empty;
        const int eighths = 8;
        int filled = (int)Math.Round(Math.Clamp(value, 0, 1) * width * eighths);
        filled = value > 0 ? Math.Max(filled, 1) : filled;
        string last = filled % eighths == 0 ? string.Empty : "▏▎▍▌▋▊▉"[(filled % eighths) - 1].ToString();
        return new string('█', filled / eighths) + last;
    }

    /// <summary>Text broken between words, since tables break it anywhere; empty for null.</summary>
    /// <param name="text">A sentence or several.</param>
    /// <param name="width">The most characters of a line; a longer word has a line of its own.</param>
    public static string Lines(string? text, int width)
    {
        StringBuilder lines = new();
        int column = 0;
        foreach (string word in (text ?? string.Empty).Split(' '))
        {
            bool breaks = column > 0 && column + 1 + word.Length > width;
            if (column > 0)
                lines.Append(breaks ? '\n' : ' ');
            column = column == 0 || breaks ? word.Length : column + 1 + word.Length;
            lines.Append(word);
        }

        return lines.ToString();
    }

    /// <summary>An address in hexadecimal without a prefix, as /proc shows it; empty for null.</summary>
    /// <param name="address">An address.</param>
    public static string Hexadecimal(ulong? address) => address is { } value ? $"{value:x}" : string.Empty;
}
