namespace MemTools.Commands.Support;

/// <summary>Bars in table views; called from MemTools.Format.ps1xml.</summary>
public static class ViewBars
{
    private const string Shades = "·░▒▓█";

    /// <summary>One character a part: a dot for nothing, a full block for all of it; empty for null.</summary>
    /// <param name="parts">Shares from 0 to 1, in order.</param>
    public static string Parts(IEnumerable<double>? parts) =>
        parts is null ? string.Empty : string.Concat(parts.Select(Shade));

    /// <summary>A share as a bar of full and empty places; empty for null.</summary>
    /// <param name="share">From 0 to 1.</param>
    /// <param name="width">In characters.</param>
    public static string Share(double? share, int width)
    {
        if (share is not { } value)
            return string.Empty;
        int full = (int)Math.Round(Math.Clamp(value, 0, 1) * width);
        return new string(Shades[^1], full) + new string(Shades[0], width - full);
    }

    /// <summary>The two ends are exact: only nothing is a dot, and only all is a full block.</summary>
    private static char Shade(double share) => share switch
    {
        <= 0 => Shades[0],
        < 1.0 / 3 => Shades[1],
        < 2.0 / 3 => Shades[2],
        < 1 => Shades[3],
        _ => Shades[4],
    };
}
