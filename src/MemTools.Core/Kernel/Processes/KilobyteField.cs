using System.Globalization;

namespace MemTools.Kernel;

/// <summary>Lines of /proc such as <c>VmRSS:     1234 kB</c>, where kB means 1,024 bytes.</summary>
internal static class KilobyteField
{
    private const long KiB = 1024;

    /// <summary>The number of bytes; null where the text has no such line.</summary>
    internal static long? Bytes(string text, string name) => KiB * Number(text, name);

    /// <summary>The number as it stands, which for some lines is none of kilobytes.</summary>
    internal static long? Number(string text, string name)
    {
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(name) && line[name.Length..].StartsWith(":"))
                return Parse(line[(name.Length + 1)..]);
        }

        return null;
    }

    /// <summary>The number of bytes that stands behind the colon.</summary>
    internal static long Bytes(ReadOnlySpan<char> value) => KiB * Parse(value);

    private static long Parse(ReadOnlySpan<char> value) => long.Parse(value.Trim().TrimEnd(" kB"), CultureInfo.InvariantCulture);
}
