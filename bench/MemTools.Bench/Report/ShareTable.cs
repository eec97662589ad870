using MemTools.Bench.Statistics;

namespace MemTools.Bench.Report;

/// <summary>A table of contenders, the fastest first: their times, and what one of the many things took that each of them did.</summary>
internal static class ShareTable
{
    /// <param name="title">Of the first column.</param>
    /// <param name="samples">The seconds of each contender.</param>
    /// <param name="share">What one of them is called, and how many there were.</param>
    internal static Table Of(string title, Samples samples, (string Title, int Count) share)
    {
        Table table = new(title, "median", "fastest", "slowest", share.Title);
        foreach (string name in samples.Names.OrderBy(samples.Median))
        {
            table.AddRow(
                $"`{name}`",
                Figures.Milliseconds(samples.Median(name)),
                Figures.Milliseconds(samples.Smallest(name)),
                Figures.Milliseconds(samples.Largest(name)),
                Figures.Microseconds(samples.Median(name) / share.Count));
        }

        return table;
    }
}
