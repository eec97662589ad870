using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer.Network.Connections;
using MemTools.Transfer.Network.Wire;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer.Network.Receiving;

/// <summary>What the frames of one connection make: files, folders, links. For the connection's thread.</summary>
internal sealed class EntryReceiver : IDisposable
{
    private const int OutcomesAtOnce = 128;

    private readonly ReceiveHub _hub;
    private readonly ReceiveSession _session;
    private readonly ReceiveConnection _connection;
    private readonly Channel _channel;
    private readonly FrameReader _reader;
    private readonly ResultBatch _results;
    private readonly DestinationTree _tree;
    private readonly PayloadWriter _payload;
    private readonly CopyContext _context = new(new()) { RemembersWritten = false };
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<TreeOutcome> _outcomes = [];
    private SmallFile? _awaitsEnd;
    private long _started;
    private ThreadUsage _usage;

    internal EntryReceiver(ReceiveHub hub, ReceiveSession session, ReceiveConnection connection, Channel channel)
    {
        _hub = hub;
        _session = session;
        _connection = connection;
        _channel = channel;
        _reader = channel.Reader;
        _results = new(channel);
        _payload = new(channel, hub.Stop);
        _tree = new(hub.Root);
    }

    private bool Replaces => !_hub.Options.NoClobber;

    /// <summary>Does what the current frame asks for.</summary>
    /// <exception cref="TransferException">The connection cannot go on.</exception>
    [MethodImpl(Compilation.AtOnce)]
    internal void Take()
    {
        FrameType type = _reader.Header.Type;
        if (_awaitsEnd is not null && type is not (FrameType.End or FrameType.Alive))
            throw Violation.Of("something else came where a file was to be ended");
        switch (type)
        {
            case FrameType.File:
                TakeFile();
                break;
            case FrameType.Data:
                TakeData();
                break;
            case FrameType.Begin:
                TakeBegin();
                break;
            case FrameType.End:
                TakeEnd();
                break;
            case FrameType.Folder:
                TakeEntry(MakeFolder);
                break;
            case FrameType.Link:
                TakeEntry(MakeLink);
                break;
            case FrameType.Alive:
                break;
            default:
                throw Violation.Of($"a {type} frame came from a sender");
        }
    }

    /// <summary>Tells the sender and the reader of outcomes what has been done.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal void HandOver()
    {
        _results.Send();
        if (_outcomes.Count > 0)
            _hub.Results.Add(_outcomes);
        // What comes next was waited for.
        _started = 0;
    }

    /// <summary>Lets go of what was offered on this connection, keeping large unfinished files for a later resume.</summary>
    internal void GiveUp()
    {
        foreach (RangedFile file in _session.FilesOf(_connection))
            GiveUp(file, keep: true);
        if (_outcomes.Count > 0)
            _hub.Results.Add(_outcomes);
    }

    public void Dispose()
    {
        _awaitsEnd?.Dispose();
        _tree.Dispose();
        _payload.Dispose();
        _hash.Dispose();
        _context.Dispose();
    }

    [MethodImpl(Compilation.AtOnce)]
    private void Begin()
    {
        if (_started == 0)
            (_started, _usage) = (Stopwatch.GetTimestamp(), ThreadUsage.Now());
    }

    [MethodImpl(Compilation.AtOnce)]
    private void TakeFile()
    {
        Begin();
        bool isWhole = _reader.TryTakeWhole(out ReadOnlySpan<byte> content);
        Entry entry = Entry.Read(_reader.Header, _reader.Body);
        ReceivedEntry kept = new(entry);
        if (!entry.Has(EntryFlags.Inline))
        {
            Try(kept, entry, Offer);
            return;
        }

        SmallFile? file = null;
        try
        {
            Check(entry);
            if (isWhole && entry.Has(EntryFlags.Digest) && !IsDigestOf(content, entry.Digest))
                throw ReceiveErrors.WrongDigest(kept.Path);
            file = SmallFile.Create(kept, FolderOf(kept.Path), _context, Replaces);
            if (isWhole)
                file.Write(content);
        }
        catch (Exception e) when (ReceiveErrors.IsOfEntry(e))
        {
            file?.Dispose();
            Fail(kept, e);
            file = null;
        }

        if (!isWhole)
            file = TakeContent(file, kept);
        if (kept.Has(EntryFlags.Whole))
            Commit(file, isWhole ? null : kept.Digest);
        else
            AwaitEnd(file, kept);
    }

    /// <summary>Takes content that is too long for the buffer; null where the file failed.</summary>
    private SmallFile? TakeContent(SmallFile? file, ReceivedEntry entry)
    {
        if (file is null)
        {
            _reader.SkipPayload();
            return null;
        }

        SystemCallException? failure = null;
        bool isDone = false;
        try
        {
            failure = _payload.Move(file.End, 0);
            isDone = failure is null;
        }
        finally
        {
            if (!isDone)
                file.Dispose();
        }

        if (failure is null)
            return file;
        Fail(entry, failure);
        return null;
    }

    private void AwaitEnd(SmallFile? file, ReceivedEntry entry)
    {
        _awaitsEnd = file;
        _endsNothing = file is null ? entry.Id : 0;
    }

    /// <summary>The id of a file that failed and whose End is still to come; 0 for none.</summary>
    private uint _endsNothing;

    [MethodImpl(Compilation.AtOnce)]
    private void Commit(SmallFile? file, byte[]? digest)
    {
        if (file is null)
            return;
        using (file)
        {
            try
            {
                if (digest is not null && !file.HasDigest(digest))
                    throw ReceiveErrors.WrongDigest(file.Entry.Path);
                file.Commit(_hub.Options.Flush, _context);
                Succeed(file.Entry, file.Path, "File", file.Replacement, file.Warnings, digest ?? file.Entry.Digest, calls: 1);
            }
            catch (TransferException e) when (e.Kind == ErrorKind.AlreadyExists && IsThereAlready(file.Entry))
            {
                // It was finished on a connection that broke before the result had arrived.
                Succeed(file.Entry, file.Path, "File", "New", file.Warnings, file.Entry.Digest, calls: 1);
            }
            catch (Exception e) when (ReceiveErrors.IsOfEntry(e))
            {
                Fail(file.Entry, e);
            }
        }
    }

    /// <summary>Whether an entry that was sent before stands there with the same bytes.</summary>
    private bool IsThereAlready(ReceivedEntry entry)
    {
        if (!entry.Has(EntryFlags.Again) || entry.Digest is not { } digest)
            return false;
        int flags = OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NonBlocking;
        if (BeneathOpen.TryOpen(_hub.Root.Folder.Directory, entry.Path, flags, out Descriptor? there) < 0)
            return false;
        using (there)
        {
            if (FileMetadata.Status(there!, out Statx status) < 0 || !status.IsRegular || status.Length != entry.Length)
                return false;
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            using ContentReader reader = new();
            _ = FollowingHash.Append(hash, reader, new(there!, entry.Path, true, true), 0, entry.Length);
            return hash.GetHashAndReset().AsSpan().SequenceEqual(digest);
        }
    }

    private void Offer(in Entry _, ReceivedEntry entry)
    {
        DestinationTree.Folder folder = FolderOf(entry.Path);
        RangedFile file = RangedFile.Open(entry, _connection, _tree.Duplicate(folder), folder.Path, Replaces);
        try
        {
            ResumePoint[] points = file.FindPoints(CheckThatItIsWanted);
            _session.Add(file);
            Span<byte> body = stackalloc byte[Answer.SizeOf(points.Length)];
            Answer.Write(body, entry.Id, points);
            lock (_channel.Writer)
            {
                _channel.Writer.Put(FrameType.Answer, body);
                _channel.Writer.Flush();
            }
        }
        catch
        {
            _session.Remove(file);
            file.Dispose();
            throw;
        }
    }

    private void TakeBegin()
    {
        RangeBody range = RangeBody.Read(_reader.Body);
        if (_session.Find(range.Id) is not { } file)
            return;
        try
        {
            file.Begin(range.Offset);
        }
        catch (SystemCallException e)
        {
            Fail(file, e);
        }
    }

    private void TakeData()
    {
        Begin();
        RangeBody range = RangeBody.Read(_reader.Body);
        int length = _reader.PayloadLeft;
        // A file that has failed a moment ago may still get ranges, which are dropped.
        if (_session.Find(range.Id) is not { } file || !file.TryEnter(range.Offset, length, _connection, _hub.Options.IdleTime))
        {
            _reader.SkipPayload();
            return;
        }

        bool written = false;
        bool isComplete = false;
        SystemCallException? failure = null;
        try
        {
            failure = _payload.Move(file.End, range.Offset);
            written = failure is null;
        }
        finally
        {
            isComplete = file.Leave(range.Offset, length, _connection, written);
        }

        _hub.Totals.Done(0, written ? length : 0);
        if (failure is not null)
            Fail(file, failure);
        else if (isComplete)
            Finish(file);
    }

    private void TakeEnd()
    {
        Begin();
        EndBody end = EndBody.Read(_reader.Body);
        if (_endsNothing == end.Id && _awaitsEnd is null)
        {
            _endsNothing = 0;
            return;
        }

        if (_awaitsEnd is not null)
        {
            EndSmall(end);
            return;
        }

        if (_session.Find(end.Id) is not { } file)
            return;
        if (end.Outcome != EndOutcome.Complete)
            EndEarly(file, end.Outcome);
        else if (file.Expect(end))
            Finish(file);
    }

    private void EndSmall(in EndBody end)
    {
        SmallFile file = _awaitsEnd!;
        if (end.Id != file.Entry.Id || end.Digest.IsEmpty == (file.Entry.Has(EntryFlags.Hashed) && end.Outcome == EndOutcome.Complete))
            throw Violation.Of("an End frame is not of the file before it, or lacks its digest");
        _awaitsEnd = null;
        if (end.Outcome == EndOutcome.Complete)
        {
            Commit(file, end.Digest.IsEmpty ? null : end.Digest.ToArray());
            return;
        }

        using (file)
            Fail(file.Entry, EndedEarly(file.Entry, end.Outcome));
    }

    private void EndEarly(RangedFile file, EndOutcome outcome)
    {
        if (!file.TryGiveUp(keep: outcome is EndOutcome.Stopped or EndOutcome.ConnectionBroken))
            return;
        _session.Remove(file);
        using (file)
        {
            if (outcome == EndOutcome.ConnectionBroken)
                _results.Failed(file.Id, ErrorKind.Disconnected, string.Empty);
            else
                Fail(file.Entry, EndedEarly(file.Entry, outcome));
        }
    }

    private static TransferException EndedEarly(ReceivedEntry entry, EndOutcome outcome) => outcome switch
    {
        EndOutcome.SourceTruncated => new(ErrorKind.SourceTruncated, $"'{entry.Path}' became shorter at the sender while it was sent."),
        EndOutcome.SourceChanged => new(ErrorKind.SourceChanged, $"'{entry.Path}' was modified at the sender while it was sent."),
        EndOutcome.SourceUnreadable => new(ErrorKind.IoError, $"'{entry.Path}' could not be read at the sender."),
        _ => new(ErrorKind.Disconnected, $"The sender stopped before '{entry.Path}' was complete."),
    };

    private void Finish(RangedFile file)
    {
        _session.Remove(file);
        using (file)
        {
            try
            {
                file.Finish(_hub.Options.Flush, CheckThatItIsWanted);
                SucceedRanged(file);
            }
            catch (Exception e) when (ReceiveErrors.IsOfEntry(e))
            {
                Fail(file.Entry, e);
            }
        }
    }

    private void CheckThatItIsWanted()
    {
        _hub.Stop.ThrowIfCancellationRequested();
        if (_channel.Socket.IsGone)
            throw new TransferException(ErrorKind.Disconnected, $"'{_connection.Peer}' broke off the connection.");
    }

    /// <summary>A file that cannot be gone on with: its unfinished part goes too, for it may be what fills the disk.</summary>
    private void Fail(RangedFile file, Exception why)
    {
        if (!file.TryGiveUp(keep: false))
            return;
        _session.Remove(file);
        using (file)
            Fail(file.Entry, why);
    }

    private void GiveUp(RangedFile file, bool keep)
    {
        if (!file.TryGiveUp(keep))
            return;
        _session.Remove(file);
        file.Dispose();
    }

    private delegate void EntryMaker(in Entry entry, ReceivedEntry kept);

    private void TakeEntry(EntryMaker make)
    {
        Begin();
        Entry entry = Entry.Read(_reader.Header, _reader.Body);
        Try(new(entry), entry, make);
    }

    private void Try(ReceivedEntry kept, in Entry entry, EntryMaker make)
    {
        try
        {
            Check(entry);
            make(entry, kept);
        }
        catch (Exception e) when (ReceiveErrors.IsOfEntry(e))
        {
            Fail(kept, e);
        }
    }

    private void MakeFolder(in Entry entry, ReceivedEntry kept)
    {
        const uint everybody = 0x1FF;
        List<string>? warnings = null;
        DestinationTree.Folder folder = _tree.Open(entry.Path, _session.Created);
        bool isNew = _session.Created.Remove(entry.Path);
        using Descriptor directory = _tree.OpenForMetadata(entry.Path);
        Statx status = FileMetadata.StatusOf(directory, folder.Path);
        if (isNew && !entry.Has(EntryFlags.Mode))
            _ = FileMetadata.SetMode(directory, everybody & ~_hub.Root.FileMask);
        ReceivedMetadata.Apply(directory, kept, status.Mode, ref warnings);
        Succeed(kept, folder.Path, "Directory", isNew ? "New" : "Merged", warnings, digest: null, calls: 0);
    }

    private void MakeLink(in Entry entry, ReceivedEntry kept)
    {
        WirePath.CheckTarget(entry.Path, entry.Target);
        DestinationTree.Folder folder = FolderOf(kept.Path);
        DestinationEntry destination = new(folder.Directory, folder.Path, kept.Path.Name);
        List<string> warnings = [];
        NodeCopy.PlaceSymlink(
            destination, NativePath.From(entry.Target), Replaces, kept.Has(EntryFlags.Times) ? (kept.AccessTime, kept.ModifyTime) : null, warnings);
        Succeed(kept, destination.Path, "SymbolicLink", destination.Exists ? "Renamed" : "New", warnings, digest: null, calls: 0);
    }

    [MethodImpl(Compilation.AtOnce)]
    private void Check(in Entry entry)
    {
        _session.Count(entry, _hub.Options);
        WirePath.Check(entry.Path);
        bool lacksDigest = _reader.Header.Type == FrameType.File && !entry.Has(EntryFlags.Digest | EntryFlags.Hashed);
        if (lacksDigest && _hub.Options.RequireDigest)
            throw new TransferException(ErrorKind.LimitExceeded, "The receiver takes no files without a digest: use -Verify Sha256.");
    }

    private DestinationTree.Folder FolderOf(NativePath path) => _tree.FolderOf(path.Bytes, _session.Created);

    [MethodImpl(Compilation.AtOnce)]
    private bool IsDigestOf(ReadOnlySpan<byte> content, ReadOnlySpan<byte> digest)
    {
        // One hash that is used again and again: setting one up costs as much as hashing a small file.
        Span<byte> actual = stackalloc byte[SHA256.HashSizeInBytes];
        _hash.AppendData(content);
        _hash.GetHashAndReset(actual);
        return actual.SequenceEqual(digest);
    }

    private void Fail(ReceivedEntry entry, Exception error)
    {
        TransferException why = ReceiveErrors.Harmless(ReceiveErrors.AsTransfer(error));
        _results.Failed(entry.Id, why.Kind, why.Message);
        _hub.Totals.Done(1, 0);
        Report(new() { Source = entry.Path.ToString(), SourceBytes = entry.Path.BytesBeyondText, Error = why });
        _started = 0;
    }

    private void SucceedRanged(RangedFile file)
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
            Calls = _payload.Calls,
            Method = _payload.Method.ToString(),
        });
    }

    [MethodImpl(Compilation.AtOnce)]
    private void Succeed(
        ReceivedEntry entry, NativePath path, string type, string replacement, List<string>? warnings, byte[]? digest, long calls)
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
            Method = calls == 0 ? "None" : _payload.Method.ToString(),
        });
        _hub.Totals.Done(0, entry.Length);
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
        _hub.Totals.Done(1, 0);
        Report(new() { Source = entry.Path.ToString(), Result = MakeResult(entry, warned ? new(warnings!) : ResultList<string>.None, replacement, outcome) });
    }

    [MethodImpl(Compilation.AtOnce)]
    private FileTransferResult MakeResult(ReceivedEntry entry, ResultList<string> warnings, string replacement, in Outcome outcome) => new()
    {
        Source = entry.Path.ToString(),
        Destination = outcome.Path.ToString(),
        SourceBytes = entry.Path.BytesBeyondText,
        DestinationBytes = outcome.Path.BytesBeyondText,
        Peer = _connection.Peer,
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
        if (_outcomes.Count >= OutcomesAtOnce)
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
