using MemTools.Bench.Report;
using MemTools.Bench.Statistics;

namespace MemTools.Bench.Network;

/// <summary>Transfers of one file: their times, and what each end's processor did.</summary>
internal static class NetworkTable
{
    /// <param name="title">Of the first column.</param>
    /// <param name="samples">The seconds of each contender.</param>
    /// <param name="processor">The processor seconds.</param>
    /// <param name="bytes">What was sent.</param>
    /// <param name="peer">The contender whose time the others are held against.</param>
    /// <param name="costly">The contender whose sender's processor time the others are held against.</param>
    internal static Table Of(string title, Samples samples, ProcessorSamples processor, long bytes, string peer, string costly)
    {
        Table table = new(title, "median", "fastest", "slowest", "GB/s", "x C", "sender's processor", "x C's read and write", "receiver's processor");
        foreach (string name in samples.Names.OrderBy(samples.Median))
        {
            table.AddRow(
                $"`{name}`",
                Figures.Milliseconds(samples.Median(name)),
                Figures.Milliseconds(samples.Smallest(name)),
                Figures.Milliseconds(samples.Largest(name)),
                Figures.Rate(bytes / samples.Median(name)),
                Figures.Ratio(samples.Ratio(name, peer)),
                Shown(processor.Sender, name, () => Figures.Milliseconds(processor.Sender.Median(name))),
                Shown(processor.Sender, name, () => Figures.Ratio(processor.Sender.Ratio(name, costly))),
                Shown(processor.Receiver, name, () => Figures.Milliseconds(processor.Receiver.Median(name))));
        }

        return table;
    }

    private static string Shown(Samples samples, string name, Func<string> show) => samples.Names.Contains(name) ? show() : "";
}
