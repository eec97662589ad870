using MemTools.Transfer;
using MemTools.Transfer.Network;
using MemTools.Transfer.Trees;

namespace MemTools.Tests.Support;

/// <summary>A receiver with its reader of outcomes, and senders to it.</summary>
internal sealed class NetworkTransfers : IDisposable
{
    private readonly TempDirectory? _socketFolder;
    private readonly Task _reading;
    private readonly List<TreeOutcome> _outcomes = [];

    internal NetworkTransfers(string destination, byte[]? key = null, ReceiveOptions? options = null, bool unix = false)
    {
        if (unix)
        {
            _socketFolder = new();
            options = (options ?? new()) with { UnixSocket = _socketFolder["socket"] };
        }

        Key = key;
        using TransferKey? shared = key is null ? null : TransferKey.FromBytes(key);
        Receiver = new(destination, shared, options ?? new());
        Receiver.Start();
        _reading = Task.Factory.StartNew(Read, TaskCreationOptions.LongRunning);
    }

    internal FileReceiver Receiver { get; }

    internal byte[]? Key { get; }

    /// <summary>What the receiver has told so far.</summary>
    internal TreeOutcome[] Outcomes
    {
        get
        {
            lock (_outcomes)
                return [.. _outcomes];
        }
    }

    internal FileSender Sender(SendOptions? options = null)
    {
        using TransferKey? key = Key is null ? null : TransferKey.FromBytes(Key);
        return new(Receiver.ConnectionString!, key, options ?? new());
    }

    /// <summary>Sends and says goodbye; what the sender has to tell.</summary>
    internal List<TreeOutcome> Send(SendOptions? options, params string[] sources)
    {
        using FileSender sender = Sender(options);
        using TreeTransfer transfer = sender.Send(sources);
        return [.. transfer.Outcomes()];
    }

    /// <summary>Sends without any error.</summary>
    internal FileTransferResult[] SendChecked(SendOptions? options, params string[] sources)
    {
        List<TreeOutcome> outcomes = Send(options, sources);
        Assert.Empty(outcomes.Where(outcome => outcome.Error is not null).Select(outcome => outcome.Error!.Message));
        return [.. outcomes.Where(outcome => outcome.Result is not null).Select(outcome => outcome.Result!)];
    }

    /// <summary>Ends the receiver; all that it told.</summary>
    internal TreeOutcome[] End()
    {
        Receiver.Stop();
        _reading.GetAwaiter().GetResult();
        Receiver.Dispose();
        return Outcomes;
    }

    public void Dispose()
    {
        End();
        _socketFolder?.Dispose();
    }

    private void Read()
    {
        foreach (TreeOutcome outcome in Receiver.Outcomes())
        {
            lock (_outcomes)
                _outcomes.Add(outcome);
        }
    }
}
