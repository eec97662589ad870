using System.Diagnostics;
using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Transfer.Network.Connections;
using MemTools.Transfer.Network.Wire;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer.Network.Receiving;

/// <summary>What became of the entries of one connection: told to the sender and to the reader of outcomes, many at a time.</summary>
internal sealed class ReceivedOutcomes(ReceiveHub hub, string peer, Channel channel)
{
    private const int AtOnce = 128;

    private readonly ResultBatch _results = new(channel);
    private readonly List<TreeOutcome> _outcomes = [];
    private long _started;
    private ThreadUsage _usage;

    /// <summary>An entry is taken up, and with it begins what its result tells of time; where it did not with the end of the one before.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal void Begin()
    {
        if (_started == 0)
            (_started, _usage) = (Stopwatch.GetTimestamp(), ThreadUsage.Now());
    }

    /// <summary>Tells the sender and the reader of outcomes what has been done.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal void HandOver()
    {
        // Here first: whoever is told at the other end may have this receiver stopped that very moment.
        HandOverHere();
        _results.Send();
        // What comes next was waited for.
        _started = 0;
    }

    /// <summary>The same without the sender, who is gone.</summary>
    internal void HandOverHere()
    {
        if (_outcomes.Count > 0)
            hub.Results.Add(_outcomes);
    }

    internal void Fail(ReceivedEntry entry, Exception error)
    {
        TransferException why = ReceiveErrors.Harmless(ReceiveErrors.AsTransfer(error));
        hub.Totals.Done(1, 0);
        Report(new() { Source = entry.Path.ToString(), SourceBytes = entry.Path.BytesBeyondText, Error = why });
        HandOverHere();
        _results.Failed(entry.Id, why.Kind, why.Message);
        _started = 0;
    }

    /// <summary>A file of which the sender knows that it has to offer it again.</summary>
    internal void Broken(uint id) => _results.Failed(id, ErrorKind.Disconnected, string.Empty);

    /// <summary>A file that came in ranges, on several threads perhaps.</summary>
    internal void Succeed(RangedFile file, PayloadWriter payload)
    {
        long now = Stopwatch.GetTimestamp();
        Succeed(file.Entry, file.Warnings, file.Replacement, new()
        {
            Path = file.Path,
            ItemType = "File",
            BytesTransferred = file.Received,
            BytesResumed = file.Resumed,
            Digest = file.Digest,
            Elapsed = Stopwatch.GetElapsedTime(file.Started, now),
            Usage = file.HashUsage,
            Calls = payload.Calls,
            Method = payload.Method.ToString(),
        });
    }

    /// <summary>A file that came with its entry.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal void Succeed(SmallFile file, string replacement, byte[]? digest, PayloadWriter payload) =>
        Succeed(file.Entry, file.Path, "File", replacement, file.Warnings, digest, calls: 1, payload.Method.ToString());

    /// <summary>A directory or link.</summary>
    internal void Succeed(ReceivedEntry entry, NativePath path, string type, string replacement, List<string>? warnings) =>
        Succeed(entry, path, type, replacement, warnings, digest: null, calls: 0, "None");

    [MethodImpl(Compilation.AtOnce)]
    private void Succeed(
        ReceivedEntry entry, NativePath path, string type, string replacement, List<string>? warnings, byte[]? digest, long calls, string method)
    {
        long now = Stopwatch.GetTimestamp();
        ThreadUsage usage = ThreadUsage.Now();
        Succeed(entry, warnings, replacement, new()
        {
            Path = path,
            ItemType = type,
            BytesTransferred = entry.Length,
            Digest = digest,
            Elapsed = Stopwatch.GetElapsedTime(_started, now),
            Usage = usage - _usage,
            Calls = calls,
            Method = method,
        });
        hub.Totals.Done(0, entry.Length);
        (_started, _usage) = (now, usage);
    }

    [MethodImpl(Compilation.AtOnce)]
    private void Succeed(ReceivedEntry entry, List<string>? warnings, string replacement, in Outcome outcome)
    {
        WireReplacement wire = replacement switch
        {
            "Renamed" => WireReplacement.Renamed,
            "Merged" => WireReplacement.Merged,
            _ => WireReplacement.New,
        };
        bool warned = warnings is { Count: > 0 };
        warnings = warned ? warnings!.ConvertAll(WireText.Harmless) : null;
        _results.Done(entry.Id, wire, warned ? string.Join(" ", warnings!) : null);
        hub.Totals.Done(1, 0);
        Report(new() { Source = entry.Path.ToString(), Result = MakeResult(entry, warned ? new(warnings!) : ResultList<string>.None, replacement, outcome) });
    }

    [MethodImpl(Compilation.AtOnce)]
    private FileTransferResult MakeResult(ReceivedEntry entry, ResultList<string> warnings, string replacement, in Outcome outcome) => new()
    {
        Source = entry.Path.ToString(),
        Destination = outcome.Path.ToString(),
        SourceBytes = entry.Path.BytesBeyondText,
        DestinationBytes = outcome.Path.BytesBeyondText,
        Peer = peer,
        ItemType = outcome.ItemType,
        Status = "Received",
        Length = entry.Length,
        BytesTransferred = outcome.BytesTransferred,
        BytesResumed = outcome.BytesResumed,
        Method = outcome.Method,
        Refused = ResultList<Refusal>.None,
        Replacement = replacement,
        Elapsed = outcome.Elapsed,
        UserTime = outcome.Usage.UserTime,
        KernelTime = outcome.Usage.KernelTime,
        SystemCalls = outcome.Calls,
        VoluntarySwitches = outcome.Usage.VoluntarySwitches,
        InvoluntarySwitches = outcome.Usage.InvoluntarySwitches,
        MinorFaults = outcome.Usage.MinorFaults,
        MajorFaults = outcome.Usage.MajorFaults,
        Hash = outcome.Digest is null ? null : Convert.ToHexString(outcome.Digest),
        SourceChanged = false,
        Warnings = warnings,
    };

    [MethodImpl(Compilation.AtOnce)]
    private void Report(TreeOutcome outcome)
    {
        _outcomes.Add(outcome);
        if (_outcomes.Count >= AtOnce)
            HandOver();
    }

    /// <summary>The part of a result that files in one frame and in ranges fill differently.</summary>
    private readonly record struct Outcome
    {
        internal required NativePath Path { get; init; }

        internal required string ItemType { get; init; }

        internal required long BytesTransferred { get; init; }

        internal long BytesResumed { get; init; }

        internal required byte[]? Digest { get; init; }

        internal required TimeSpan Elapsed { get; init; }

        internal required ThreadUsage Usage { get; init; }

        internal required long Calls { get; init; }

        internal required string Method { get; init; }
    }
}
