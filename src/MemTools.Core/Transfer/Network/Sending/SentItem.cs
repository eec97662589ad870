using System.Diagnostics;
using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer.Network.Connections;
using MemTools.Transfer.Network.Wire;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer.Network.Sending;

/// <summary>A file or link that was sent, with what its result will tell.</summary>
internal class SentItem : Pending
{
    private readonly SendRun _run;

    internal SentItem(SendRun run, SendConnection connection, uint id, TreeDirectory directory, NativePath name, NativePath destination, long started)
        : base(id, connection)
    {
        _run = run;
        Directory = directory;
        Name = name;
        Destination = destination;
        Started = started;
    }

    internal TreeDirectory Directory { get; }

    internal NativePath Name { get; }

    /// <summary>Its path under the receiver's directory, with a slash before it.</summary>
    internal NativePath Destination { get; }

    internal long Started { get; }

    internal uint Type { get; init; } = Statx.TypeRegular;

    internal long Length { get; set; }

    internal long BytesTransferred { get; set; }

    internal long BytesResumed { get; set; }

    internal string Method { get; set; } = "None";

    internal ResultList<Refusal> Refused { get; set; } = ResultList<Refusal>.None;

    internal long SystemCalls { get; set; }

    internal ThreadUsage Usage { get; set; }

    internal byte[]? Digest { get; set; }

    internal bool SourceChanged { get; set; }

    internal List<string>? Warnings { get; set; }

    /// <summary>Whether all of it has been sent, so that the receiver may say that it is done.</summary>
    internal bool IsSent { get; set; }

    /// <summary>What was found wrong here: it tells more than what the receiver makes of it.</summary>
    internal TransferException? Error { get; set; }

    internal NativePath Source => Directory.SourcePath().Append(Name);

    internal override SendRun Run => _run;

    [MethodImpl(Compilation.AtOnce)]
    internal override bool Done(in ResultRecord record)
    {
        NativePath source = Source;
        if (!record.Failed && !IsSent)
        {
            Lost();
            throw Violation.Of("a file that was not sent yet was called done");
        }

        if (record.Failed)
        {
            if (record.Kind == ErrorKind.Disconnected && Error is null)
            {
                Lost();
                return false;
            }

            TransferException error = Error ?? new(record.Kind, $"'{source}' was not taken by '{_run.Session.Peer}': {WireText.Read(record.Text)}");
            _run.Report(new() { Source = source.ToString(), SourceBytes = source.BytesBeyondText, Error = error });
            _run.Run.Totals.Done(1, 0);
        }
        else
        {
            if (!record.Text.IsEmpty)
                (Warnings ??= []).Add($"'{_run.Session.Peer}': {WireText.Read(record.Text)}");
            _run.Report(new() { Source = source.ToString(), Result = Result(source, record.Replacement) });
            _run.Run.Totals.Done(1, Length - CountedBefore);
        }

        return true;
    }

    /// <summary>Says how it went, in the frame that ends it; its content has been sent.</summary>
    internal void PutEnd(Channel channel, EndOutcome outcome, long bytesSent)
    {
        IsSent = outcome == EndOutcome.Complete;
        FrameRoom room = channel.Writer.Begin(FrameType.End, EndBody.Size);
        new EndBody
        {
            Id = Id,
            Outcome = outcome,
            BytesSent = bytesSent,
            Length = Length,
            Digest = outcome == EndOutcome.Complete ? Digest : null,
        }.Write(channel.Writer.BodyOf(room));
        channel.Writer.Complete(room);
    }

    [MethodImpl(Compilation.AtOnce)]
    internal override void Settle() => _run.Run.Complete(Directory);

    /// <summary>Bytes that the totals know of already.</summary>
    internal long CountedBefore { get; set; }

    internal override void Lost()
    {
        _run.Run.Totals.Done(0, -CountedBefore);
        _run.SendAgain(Directory, Name, Destination.Name);
    }

    [MethodImpl(Compilation.AtOnce)]
    private FileTransferResult Result(NativePath source, WireReplacement replacement) => new()
    {
        Source = source.ToString(),
        Destination = WirePathText(),
        SourceBytes = source.BytesBeyondText,
        DestinationBytes = Destination.BytesBeyondText is null ? null : SendRun.WirePathOf(Destination).ToArray(),
        Peer = _run.Session.Peer,
        ItemType = ItemTypes.NameOf(Type),
        Status = "Sent",
        Length = Length,
        BytesTransferred = BytesTransferred,
        BytesResumed = BytesResumed,
        Method = Method,
        Refused = Refused,
        Replacement = replacement.ToString(),
        Elapsed = Stopwatch.GetElapsedTime(Started),
        UserTime = Usage.UserTime,
        KernelTime = Usage.KernelTime,
        SystemCalls = SystemCalls,
        VoluntarySwitches = Usage.VoluntarySwitches,
        InvoluntarySwitches = Usage.InvoluntarySwitches,
        MinorFaults = Usage.MinorFaults,
        MajorFaults = Usage.MajorFaults,
        Hash = Digest is null ? null : Convert.ToHexString(Digest),
        SourceChanged = SourceChanged,
        Warnings = Warnings is null ? ResultList<string>.None : new(Warnings),
    };

    [MethodImpl(Compilation.AtOnce)]
    private string WirePathText() => Destination.ToString().TrimStart('/');
}
