using MemTools.Kernel;
using MemTools.Transfer.Network.Wire;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer.Network.Receiving;

/// <summary>What all connections of a receiver have in common.</summary>
internal sealed class ReceiveHub : IDisposable
{
    private int _served;

    internal ReceiveHub(string destination, TransferKey? key, ReceiveOptions options)
    {
        Options = options;
        Key = key;
        Root = ReceiveRoot.Open(destination);
    }

    internal ReceiveOptions Options { get; }

    internal TransferKey? Key { get; }

    internal ReceiveRoot Root { get; }

    internal SessionTable Sessions { get; } = new();

    internal OutcomeQueue Results { get; } = new();

    internal TreeTotals Totals { get; } = new();

    /// <summary>Cancelled when the receiver is to end.</summary>
    internal CancellationToken Stop { get; init; }

    /// <summary>Takes one more connection among those that are served, if there is room for it.</summary>
    internal bool TryAdmit()
    {
        if (Interlocked.Increment(ref _served) <= Options.MaximumConnections)
            return true;
        Interlocked.Decrement(ref _served);
        return false;
    }

    /// <summary>Gives back what <see cref="TryAdmit"/> gave.</summary>
    internal void Release() => Interlocked.Decrement(ref _served);

    /// <summary>Tells of a peer, for the log.</summary>
    internal void Tell(string peer, string what) => Results.Add([new() { Source = peer, Warning = WireText.Harmless($"{peer}: {what}") }]);

    public void Dispose() => Root.Dispose();
}
