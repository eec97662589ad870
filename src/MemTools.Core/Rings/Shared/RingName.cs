using System.Text;
using MemTools.Kernel;

namespace MemTools.Rings;

/// <summary>What a shared ring may be called: a name that is also one of a directory, and safe to print.</summary>
internal static class RingName
{
    /// <summary>In bytes of UTF-8, so that the memfd's name in /proc, which holds at most 249, shows it whole.</summary>
    internal const int MostBytes = 100;

    /// <summary>Passes a name through.</summary>
    /// <exception cref="MemToolsException">Misuse: it cannot be the name of a shared ring; the message says why.</exception>
    internal static string Check(string name) => Fault(name) is { } fault
        ? throw new MemToolsException(
            ErrorKind.Misuse,
            $"'{Printable(name)}' cannot be the name of a shared ring: {fault}. A name such as 'jobs' or 'camera-1' works.")
        : name;

    /// <summary>Whether a name that was found in the registry can be one.</summary>
    internal static bool IsValid(string name) => Fault(name) is null;

    private static string? Fault(string name)
    {
        if (name.Length == 0)
            return "it is empty";
        if (name[0] == '.')
            return "it begins with a dot";
        if (name.Contains('/', StringComparison.Ordinal))
            return "it holds a slash";
        if (name.Any(IsUnprintable) || name.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar))
            return "it holds a control character or half of a surrogate pair";
        return Encoding.UTF8.GetByteCount(name) > MostBytes ? $"it is longer than {MostBytes} bytes of UTF-8" : null;
    }

    private static bool IsUnprintable(char one) => char.IsControl(one) || IsFormat(one);

    /// <summary>Line separators and marks that turn the direction of text would let one name look like another.</summary>
    private static bool IsFormat(char one) => char.GetUnicodeCategory(one)
        is System.Globalization.UnicodeCategory.Format
        or System.Globalization.UnicodeCategory.LineSeparator
        or System.Globalization.UnicodeCategory.ParagraphSeparator;

    private static string Printable(string name) =>
        string.Concat(name.Take(MostBytes).Select(one => IsUnprintable(one) || char.IsSurrogate(one) ? '?' : one));
}
