using MemTools.Bench.Statistics;

namespace MemTools.Bench.Network;

/// <summary>What one transfer between two processes took.</summary>
/// <param name="Seconds">From the first byte until the receiver has all.</param>
/// <param name="Sender">Processor seconds of the sender; null where it does not say.</param>
/// <param name="Receiver">Of the receiver.</param>
internal readonly record struct Transfer(double Seconds, double? Sender, double? Receiver);

/// <summary>Processor seconds beside the seconds of an interleaved run. The round that does not count is left out here too.</summary>
internal sealed class ProcessorSamples
{
    private readonly HashSet<string> _seen = [];

    internal Samples Sender { get; } = new();

    internal Samples Receiver { get; } = new();

    /// <summary>Takes note of a transfer and returns its seconds.</summary>
    internal double Add(string name, Transfer transfer)
    {
        if (_seen.Add(name))
            return transfer.Seconds;
        if (transfer.Sender is { } sender)
            Sender.Add(name, sender);
        if (transfer.Receiver is { } receiver)
            Receiver.Add(name, receiver);
        return transfer.Seconds;
    }
}
