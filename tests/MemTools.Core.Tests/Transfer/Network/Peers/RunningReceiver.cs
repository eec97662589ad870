using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Transfer;
using MemTools.Transfer.Network;
using MemTools.Transfer.Trees;

namespace MemTools.Tests.Transfer.Network.Peers;

/// <summary>A receiver in this process, with a directory of its own in a folder where nothing else may appear.</summary>
internal sealed class RunningReceiver : IDisposable
{
    internal static readonly byte[] SharedKey = Encoding.ASCII.GetBytes("a key that both ends of the tests share");

    private readonly TempDirectory _folder = new(Place.Memory);
    private readonly FileReceiver _receiver;
    private readonly Aside _reader;
    private readonly ConcurrentQueue<TreeOutcome> _outcomes = [];
    private readonly string _outside;
    private bool _disposed;

    /// <param name="keyed">Whether it has <see cref="SharedKey"/>.</param>
    /// <param name="options">Else those of the tests: a free port of loopback.</param>
    /// <param name="destination">Else a directory of its own.</param>
    internal RunningReceiver(bool keyed = true, ReceiveOptions? options = null, string? destination = null)
    {
        Key = keyed ? SharedKey : null;
        Destination = destination ?? _folder.MakeDirectory("in");
        _folder.Write("beside", "not to be touched"u8);
        Directory.CreateDirectory(_folder["folder-beside"]);
        _outside = Outside();
        using TransferKey? key = keyed ? TransferKey.FromBytes(SharedKey) : null;
        _receiver = new(Destination, key, options ?? new());
        _receiver.Start();
        ConnectionString = _receiver.ConnectionString!;
        _reader = Aside.Run(() =>
        {
            foreach (TreeOutcome outcome in _receiver.Outcomes())
                _outcomes.Enqueue(outcome);
        });
    }

    internal byte[]? Key { get; }

    internal string Destination { get; }

    /// <summary>Around the destination.</summary>
    internal TempDirectory Folder => _folder;

    internal ConnectionString ConnectionString { get; }

    internal FileReceiver Receiver => _receiver;

    internal EndPoint EndPoint => ConnectionString.UnixSocket is { } path
        ? new UnixDomainSocketEndPoint(path)
        : new IPEndPoint(IPAddress.Parse(ConnectionString.HostName), ConnectionString.Port);

    internal string[] Warnings => [.. _outcomes.Select(outcome => outcome.Warning).OfType<string>()];

    internal FileTransferResult[] Results => [.. _outcomes.Select(outcome => outcome.Result).OfType<FileTransferResult>()];

    internal TransferException[] Errors => [.. _outcomes.Select(outcome => outcome.Error).OfType<TransferException>()];

    /// <summary>A file of the destination.</summary>
    internal string this[string name] => Path.Combine(Destination, name);

    /// <summary>Everything it said, for the message of a test that fails.</summary>
    internal string Log => string.Join('\n', _outcomes.Select(
        outcome => outcome.Warning ?? outcome.Error?.Message ?? $"{outcome.Result?.Status} {outcome.Result?.Destination}"));

    internal void WaitForWarning(string part) => Waited.For(() => Warnings.Any(text => text.Contains(part, StringComparison.Ordinal)));

    /// <summary>Entries of the destination, unfinished ones too.</summary>
    internal string[] Names =>
        [.. Directory.EnumerateFileSystemEntries(Destination, "*", new EnumerationOptions { AttributesToSkip = 0, RecurseSubdirectories = true })
            .Select(path => Path.GetRelativePath(Destination, path)).Order(StringComparer.Ordinal)];

    internal string[] Unfinished => [.. Names.Where(IsUnfinished)];

    /// <summary>By one look: between two an unfinished file may go.</summary>
    internal string[] Finished => [.. Names.Where(name => !IsUnfinished(name))];

    private static bool IsUnfinished(string name) => name.Contains(".memtools-", StringComparison.Ordinal);

    /// <summary>Sends files as an honest sender does; fails where one does not arrive.</summary>
    internal void SendHonestly(string name, int length = 1500 * 1024)
    {
        using TempDirectory source = new(Place.Memory);
        string large = source.Write(name, Content.Random(length, seed: name.Length));
        string small = source.Write(name + ".small", Content.Random(4096, seed: name.Length + 1));
        TreeOutcome[] outcomes = Sending.Run(ConnectionString, Key, new(), large, small);
        Assert.True(outcomes.All(outcome => outcome.Error is null), $"An honest sender failed: {Sending.Text(outcomes)}\n{Log}");
        Content.AssertSame(large, this[name]);
        Content.AssertSame(small, this[name + ".small"]);
    }

    /// <summary>Fails where anything around the destination is not as it was.</summary>
    internal void AssertNothingEscaped() => Assert.Equal(_outside, Outside());

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        try
        {
            _receiver.Stop();
            Exception? error = _reader.End();
            Assert.True(error is null or OperationCanceledException or TransferException, $"The receiver broke off: {error}");
            AssertNothingEscaped();
        }
        finally
        {
            _receiver.Dispose();
            Tool.RunChecked("rm", "-rf", "--one-file-system", _folder.Path);
        }
    }

    private string Outside() => Surroundings.Describe(_folder.Path, except: Destination);
}
