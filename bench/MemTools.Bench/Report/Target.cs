namespace MemTools.Bench.Report;

/// <summary>A figure that is held against the most that it may be. Decided on the figure as measured, not as shown.</summary>
internal sealed record Target(string Name, string Measured, string Allowed, bool Met)
{
    internal static Target AtMost(string name, double measured, double allowed, Func<double, string>? show = null)
    {
        show ??= Figures.Ratio;
        return new(name, show(measured), show(allowed), measured <= allowed);
    }
}
