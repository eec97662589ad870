using MemTools.Bench.Statistics;

namespace MemTools.Bench.Report;

/// <summary>A table of contenders, the fastest first: their times, a figure made of them, and how much of a peer's time they take.</summary>
internal static class RatioTable
{
    /// <param name="title">Of the first column.</param>
    /// <param name="samples">The seconds of each contender.</param>
    /// <param name="peer">The contender that the others are held against.</param>
    /// <param name="figure">What the further figure is called, and how to make it of seconds.</param>
    internal static Table Of(string title, Samples samples, string peer, (string Title, Func<double, string> Show) figure)
    {
        Table table = new(title, "median", "fastest", "slowest", figure.Title, $"x {peer}");
        foreach (string name in samples.Names.OrderBy(samples.Median))
        {
            table.AddRow(
                $"`{name}`",
                Figures.Milliseconds(samples.Median(name)),
                Figures.Milliseconds(samples.Smallest(name)),
                Figures.Milliseconds(samples.Largest(name)),
                figure.Show(samples.Median(name)),
                Figures.Ratio(samples.Ratio(name, peer)));
        }

        return table;
    }
}
