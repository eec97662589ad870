using System.Globalization;

namespace MemTools.Bench.Report;

/// <summary>Numbers as the tables show them. All of them are better when smaller but for rates; none is rounded to look better.</summary>
internal static class Figures
{
    internal static string Milliseconds(double seconds) => $"{Up(seconds * 1e3, 1):N1} ms";

    internal static string Microseconds(double seconds) => $"{Up(seconds * 1e6, 1):N1} us";

    internal static string Mebibytes(double bytes) => $"{Up(bytes / (1024 * 1024), 1):N1} MiB";

    internal static string Ratio(double ratio) => Up(ratio, 3).ToString("N3", CultureInfo.InvariantCulture);

    /// <summary>Bytes a second, in units of 10^9.</summary>
    internal static string Rate(double bytesPerSecond) =>
        (Math.Floor(bytesPerSecond / 1e7) / 100).ToString("N2", CultureInfo.InvariantCulture);

    internal static string Size(long bytes) => bytes switch
    {
        >= 1L << 30 when bytes % (1L << 30) == 0 => $"{bytes >> 30} GiB",
        >= 1L << 20 when bytes % (1L << 20) == 0 => $"{bytes >> 20} MiB",
        >= 1L << 10 when bytes % (1L << 10) == 0 => $"{bytes >> 10} KiB",
        _ => $"{bytes} bytes",
    };

    private static double Up(double value, int digits)
    {
        double unit = Math.Pow(10, digits);
        return Math.Ceiling(value * unit) / unit;
    }
}
