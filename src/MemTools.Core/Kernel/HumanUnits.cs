using System.Globalization;

namespace MemTools.Kernel;

/// <summary>Sizes and times as people read them; for progress and tables, never for results.</summary>
internal static class HumanUnits
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    internal static string Size(double bytes)
    {
        int unit = 0;
        while (bytes >= 1000 && unit < Units.Length - 1)
        {
            bytes /= 1024;
            unit++;
        }

        string format = unit == 0 || bytes >= 100 ? "0" : "0.0";
        return bytes.ToString(format, CultureInfo.InvariantCulture) + " " + Units[unit];
    }

    internal static string Rate(double bytesPerSecond) => Size(bytesPerSecond) + "/s";

    internal static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 0.001 } => time.TotalMicroseconds.ToString("0", CultureInfo.InvariantCulture) + " us",
        { TotalSeconds: < 1 } => time.TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture) + " ms",
        { TotalMinutes: < 1 } => time.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture) + " s",
        { TotalDays: < 1 } => time.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture),
        _ => time.ToString(@"d\.hh\:mm\:ss", CultureInfo.InvariantCulture),
    };
}
