using System.Globalization;
using System.Text;

namespace MemTools.Cli;

/// <summary>Makes names safe to show: a newline or escape sequence in one must not draw on the terminal.</summary>
internal static class Printable
{
    internal static string Text(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\0', '\u001f') && !text.AsSpan().ContainsAnyInRange('\u007f', '\u009f'))
            return text;
        StringBuilder shown = new(text.Length + 8);
        foreach (char character in text)
        {
            if (char.IsControl(character))
                shown.Append(CultureInfo.InvariantCulture, $"\\x{(int)character:x2}");
            else
                shown.Append(character);
        }

        return shown.ToString();
    }
}
