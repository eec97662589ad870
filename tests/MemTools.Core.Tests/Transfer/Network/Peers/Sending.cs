using MemTools.Tests.Support;
using MemTools.Transfer;
using MemTools.Transfer.Network;
using MemTools.Transfer.Trees;

namespace MemTools.Tests.Transfer.Network.Peers;

/// <summary>A sender in this process.</summary>
internal static class Sending
{
    /// <summary>Sends to the end.</summary>
    internal static TreeOutcome[] Run(ConnectionString target, byte[]? key, SendOptions options, params string[] sources) =>
        Run(target, key, options, null, default, sources);

    /// <param name="target">Where to.</param>
    /// <param name="key">The key, or null.</param>
    /// <param name="options">How.</param>
    /// <param name="watch">Told all the time how far it is, by a thread of its own.</param>
    /// <param name="stop">Stops it.</param>
    /// <param name="sources">Files and trees.</param>
    internal static TreeOutcome[] Run(
        ConnectionString target, byte[]? key, SendOptions options, Action<TreeProgress>? watch, CancellationToken stop, params string[] sources)
    {
        using TransferKey? shared = key is null ? null : TransferKey.FromBytes(key);
        using FileSender sender = new(target, shared, options);
        using TreeTransfer transfer = sender.Send(sources, stop: stop);
        using CancellationTokenSource ended = new();
        Aside? watching = watch is null ? null : Aside.Run(() =>
        {
            while (!ended.IsCancellationRequested)
            {
                watch(transfer.Progress);
                Thread.Sleep(1);
            }
        });
        try
        {
            return [.. transfer.Outcomes()];
        }
        finally
        {
            ended.Cancel();
            Assert.Null(watching?.End());
        }
    }

    /// <summary>The only error; fails where there is none.</summary>
    internal static TransferException ErrorOf(TreeOutcome[] outcomes)
    {
        TransferException[] errors = [.. outcomes.Select(outcome => outcome.Error).OfType<TransferException>()];
        Assert.True(errors.Length == 1, $"one error was due: {Text(outcomes)}");
        return errors[0];
    }

    internal static FileTransferResult ResultOf(TreeOutcome[] outcomes)
    {
        FileTransferResult[] results = [.. outcomes.Select(outcome => outcome.Result).OfType<FileTransferResult>()];
        Assert.True(results.Length == 1 && outcomes.All(outcome => outcome.Error is null), $"one result was due: {Text(outcomes)}");
        return results[0];
    }

    internal static string Text(IEnumerable<TreeOutcome> outcomes) => string.Join('\n', outcomes.Select(
        outcome => outcome.Error is { } error ? $"{error.Kind}: {error.Message}" : outcome.Warning ?? $"{outcome.Result?.Status} {outcome.Source}"));
}
