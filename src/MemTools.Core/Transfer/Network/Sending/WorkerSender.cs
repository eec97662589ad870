using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer.Network.Connections;
using MemTools.Transfer.Network.Wire;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer.Network.Sending;

/// <summary>
/// What one worker sends on its connection. Small files are read straight into the buffer in which their frames are gathered;
/// longer ones are moved by the kernel behind their frame; large ones are offered and sent in ranges.
/// </summary>
internal sealed class WorkerSender : IDisposable
{
    /// <summary>
    /// Up to here a copy through memory costs less than reading once for the digest and once more for the socket. Without a digest
    /// the call of its own that sendfile(2) takes pays much earlier (docs/performance.md).
    /// </summary>
    private const int LargestHashedInMemory = 128 * 1024;

    private const int LargestUnhashedInMemory = 8 * 1024;

    /// <summary>Of a source that does not tell its length, as much as can be sent.</summary>
    private const int LargestUntold = 128 * 1024;

    /// <summary>From here on holes are worth an offer.</summary>
    private const int HolesFrom = 64 * 1024;

    private readonly SendRun _run;
    private readonly PayloadSender _payload;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _started;
    private ThreadUsage _usage;

    internal WorkerSender(SendRun run, SendConnection connection)
    {
        _run = run;
        Connection = connection;
        _payload = new(run.Session.Options.Method);
    }

    internal SendConnection Connection { get; }

    internal PayloadSender Payload => _payload;

    private SendOptions Options => _run.Session.Options;

    private CancellationToken Stop => _run.Run.Stop;

    private int LargestInMemory => IsHashed || Options.Method == CopyMethod.ReadWrite ? LargestHashedInMemory : LargestUnhashedInMemory;

    private bool IsHashed => Options.Verify == VerifyMode.Sha256;

    /// <summary>Sends one file. Returns when it is on its way; its outcome is reported with its result.</summary>
    /// <exception cref="TransferException">The source cannot be sent.</exception>
    [MethodImpl(Compilation.AtOnce)]
    internal void Send(TreeFile file)
    {
        Begin();
        NativePath path = file.SourcePath;
        CheckLength(file.Destination.Path, path);
        using SourceFile source = SourceFile.OpenRegular(
            file.Directory.Source, file.Name, path, Options.Symlink == SymlinkMode.Follow);
        TreeDirectory directory = file.Directory.Directory;
        if (_run.HasOneSource && directory.Parent is null)
            _run.Run.Totals.SetAll(1, Math.Max(source.Length, 0));
        bool again = _run.IsAgain(directory, file.Name);
        Channel? channel = Acquire();
        if (channel is null)
        {
            Postpone(directory, file.Name, file.Destination.Name);
            return;
        }

        if (source.Length > Connection.Terms.LargestFile)
        {
            throw new TransferException(
                ErrorKind.LimitExceeded, $"'{path}' has {source.Length} bytes, and '{_run.Session.Peer}' takes files of at most {Connection.Terms.LargestFile}.");
        }

        bool hasHoles = source.Length >= HolesFrom && source.Status.AllocatedBytes < source.Length;
        uint id = _run.Session.NextId();
        if (source.Length > WireLimits.LargestInline || hasHoles)
        {
            RangedItem ranged = new(_run, Connection, id, directory, file.Name, file.Destination.Path, _started);
            SendingEntry large = new(source, ranged, Options, again);
            if (!TryExpect(channel, ranged))
                return;
            using RangedSend send = new(_run, large, ranged, channel, Stop);
            send.Send(_payload);
            return;
        }

        SentItem item = new(_run, Connection, id, directory, file.Name, file.Destination.Path, _started);
        SendingEntry entry = new(source, item, Options, again);
        bool inMemory = source.Length == SourceFile.UnknownLength
            || (Options.Method is CopyMethod.Auto or CopyMethod.ReadWrite && source.Length <= LargestInMemory);
        if (inMemory)
            SendFromMemory(channel, entry);
        else if (TryExpect(channel, item))
            SendInline(channel, entry);
    }

    /// <summary>Sends a symbolic link.</summary>
    internal void SendLink(TreeLease directory, NativePath name, NativePath destination, in Statx status)
    {
        Begin();
        SystemCallException.Check(
            DirectoryEntries.ReadLink(directory.Source, name, out NativePath target), "readlinkat", directory.SourcePath.Append(name));
        CheckLength(destination, directory.SourcePath.Append(name));
        if (Acquire() is not { } channel)
        {
            Postpone(directory.Directory, name, destination.Name);
            return;
        }

        SentItem item = new(_run, Connection, _run.Session.NextId(), directory.Directory, name, destination, _started) { Type = Statx.TypeSymlink, IsSent = true };
        Entry entry = EntryOf(item.Id, SendRun.WirePathOf(destination), status);
        entry.Flags &= ~EntryFlags.Mode;
        entry.Mode = 0;
        entry.Target = target.Bytes;
        if (TryExpect(channel, item))
            Put(channel, FrameType.Link, entry);
    }

    /// <summary>Sends a directory.</summary>
    internal void SendFolder(TreeDirectory directory, FolderTask task)
    {
        CheckLength(directory.DestinationPath(), directory.SourcePath());
        if (Acquire() is not { } channel)
        {
            task.Again();
            return;
        }

        SentFolder item = new(_run, Connection, _run.Session.NextId(), directory, task);
        Entry entry = EntryOf(item.Id, SendRun.WirePathOf(directory.DestinationPath()), directory.Status);
        if (Options.Preserve.HasFlag(PreserveItems.Xattr))
        {
            List<string>? warnings = null;
            using TreeLease lease = directory.Acquire();
            (byte[] bytes, int count) = SentAttributes.Read(lease.Source, lease.SourcePath, ref warnings);
            entry.Attributes = bytes;
            entry.AttributeCount = count;
            if (warnings is not null)
                item.Warnings.AddRange(warnings);
        }

        if (Connection.TryExpect(channel, item))
            Put(channel, FrameType.Folder, entry);
        else
            task.Again();
    }

    public void Dispose()
    {
        _payload.Dispose();
        _hash.Dispose();
    }

    /// <summary>Flags, mode and times as the options have them.</summary>
    private Entry EntryOf(uint id, ReadOnlySpan<byte> path, in Statx status)
    {
        Entry entry = new() { Id = id, Path = path };
        SendingEntry.SetMetadata(ref entry, status, Options.Preserve);
        return entry;
    }

    /// <summary>What the worker did since the item before belongs to this one: finding it too.</summary>
    private void Begin() => _started = Stopwatch.GetTimestamp();

    /// <summary>The connection, with room for one more entry; null where it broke while that was waited for.</summary>
    [MethodImpl(Compilation.AtOnce)]
    private Channel? Acquire()
    {
        try
        {
            Channel channel = Connection.Live(Stop);
            return Connection.WaitForRoom(channel, Stop) ? channel : null;
        }
        catch (TransferException e)
        {
            // No item is to blame: the receiver is gone for good.
            _run.Run.Break(e);
            throw new OperationCanceledException(Stop);
        }
    }

    /// <summary>Leaves an item for later: its connection broke before it was sent.</summary>
    private void Postpone(TreeDirectory directory, NativePath name, NativePath destinationName)
    {
        directory.AddPending();
        _run.SendAgain(directory, name, destinationName);
    }

    /// <summary>Expects an item's result; where the connection broke a moment ago the item is left for later.</summary>
    [MethodImpl(Compilation.AtOnce)]
    private bool TryExpect(Channel channel, SentItem item)
    {
        item.Directory.AddPending();
        if (Connection.TryExpect(channel, item))
            return true;
        _run.SendAgain(item.Directory, item.Name, item.Destination.Name);
        return false;
    }

    private static void Put(Channel channel, FrameType type, in Entry entry)
    {
        try
        {
            lock (channel.Writer)
            {
                FrameRoom room = channel.Writer.Begin(type, entry.Size);
                entry.Write(channel.Writer.BodyOf(room));
                channel.Writer.Complete(room);
            }
        }
        catch (TransferException)
        {
            // The thread that reads gives it back.
            channel.Socket.Break();
        }
    }

    /// <summary>Refuses a path that cannot be sent, before anything of it is: a walk by descriptors comes to longer ones.</summary>
    [MethodImpl(Compilation.AtOnce)]
    private static void CheckLength(NativePath destination, NativePath source)
    {
        int length = SendRun.WirePathOf(destination).Length;
        if (length > WireLimits.LongestPath)
            throw new TransferException(ErrorKind.NameTooLong, $"The path of '{source}' has {length} bytes, and {WireLimits.LongestPath} can be sent.");
    }

    /// <summary>Reads the file into the frame; when it is gone, or shorter than it was, nothing of it has left.</summary>
    [MethodImpl(Compilation.AtOnce)]
    private void SendFromMemory(Channel channel, SendingEntry sending)
    {
        SentItem item = sending.Item;
        bool isExpected = false;
        try
        {
            lock (channel.Writer)
            {
                int most = sending.Source.Length == SourceFile.UnknownLength ? LargestUntold : (int)sending.Source.Length;
                Entry entry = sending.Entry(EntryFlags.Inline | EntryFlags.Whole | (IsHashed ? EntryFlags.Digest : 0));
                FrameRoom room = channel.Writer.Begin(FrameType.File, entry.Size, most);
                room = room with { Payload = ReadWhole(sending, channel.Writer.PayloadAddress(room), most) };
                if (IsHashed)
                    entry.Digest = item.Digest = HashOf(channel.Writer.PayloadOf(room));
                entry.Length = item.Length = item.BytesTransferred = room.Payload;
                item.Method = room.Payload == 0 ? "None" : nameof(CopyMethod.ReadWrite);
                item.SystemCalls = room.Payload == 0 ? 0 : 1;
                item.Usage = Spent();
                entry.Write(channel.Writer.BodyOf(room));
                isExpected = item.IsSent = true;
                if (TryExpect(channel, item))
                    channel.Writer.Complete(room);
            }

            _run.Session.Rate?.Take(item.Length, Stop);
        }
        catch (TransferException) when (channel.Socket.IsBroken)
        {
            channel.Socket.Break();
            if (!isExpected)
                Postpone(item.Directory, item.Name, item.Destination.Name);
        }
    }

    /// <summary>Reads a small source, and finds out whether it is what it was when it was opened.</summary>
    [MethodImpl(Compilation.AtOnce)]
    private static int ReadWhole(SendingEntry sending, nint address, int most)
    {
        SourceFile source = sending.Source;
        bool hidesLength = source.Length == SourceFile.UnknownLength;
        int read = ReadAll(source, address, most + 1);
        if (hidesLength && read > most)
        {
            throw new TransferException(
                ErrorKind.NotSupported, $"'{source.Path}' does not tell its length, and has more than {most} bytes: copy it to a file first.");
        }

        if (!hidesLength && read < most)
            throw Truncated(source.Path, most);
        if (read > most && sending.Changed())
            throw sending.Item.Error!;
        return Math.Min(read, most);
    }

    private void SendInline(Channel channel, SendingEntry sending)
    {
        SentItem item = sending.Item;
        int length = (int)sending.Source.Length;
        Entry entry = sending.Entry(EntryFlags.Inline | (IsHashed ? EntryFlags.Hashed : 0));
        try
        {
            lock (channel.Writer)
            {
                FrameRoom room = channel.Writer.Begin(FrameType.File, entry.Size);
                entry.Write(channel.Writer.BodyOf(room));
                channel.Writer.Complete(room, payloadFollows: length);
                channel.Writer.Flush(more: true);
                CopyJob job = PayloadSender.JobFor(channel, sending.Source, _run.Observers, _run.LargestPiece, Stop);
                EndOutcome outcome = _payload.Move(channel, job, 0, length);
                item.CountedBefore = length;
                outcome = JudgeAndHash(sending, outcome);
                _payload.Describe(item, job);
                item.Usage = Spent();
                PutEnd(channel, item, outcome, bytesSent: 0);
            }
        }
        catch (TransferException)
        {
            channel.Socket.Break();
        }
        catch (OperationCanceledException)
        {
            // In the middle of a payload: nobody could tell where the next frame begins.
            channel.Socket.Break();
            throw;
        }
    }

    /// <summary>What became of a source that has been sent; one that cannot be read again has no digest either.</summary>
    private EndOutcome JudgeAndHash(SendingEntry sending, EndOutcome outcome)
    {
        try
        {
            if (IsHashed && outcome == EndOutcome.Complete)
                sending.Item.Digest = HashOf(sending.Source);
            return sending.Judge(outcome);
        }
        catch (SystemCallException e)
        {
            return sending.Unreadable(e);
        }
    }

    [MethodImpl(Compilation.AtOnce)]
    private ThreadUsage Spent()
    {
        ThreadUsage now = ThreadUsage.Now();
        ThreadUsage spent = now - _usage;
        _usage = now;
        return spent;
    }

    internal static void PutEnd(Channel channel, SentItem item, EndOutcome outcome, long bytesSent)
    {
        item.IsSent = outcome == EndOutcome.Complete;
        FrameRoom room = channel.Writer.Begin(FrameType.End, EndBody.Size);
        new EndBody
        {
            Id = item.Id,
            Outcome = outcome,
            BytesSent = bytesSent,
            Length = item.Length,
            Digest = outcome == EndOutcome.Complete ? item.Digest : null,
        }.Write(channel.Writer.BodyOf(room));
        channel.Writer.Complete(room);
    }

    /// <summary>One hash is used again and again: setting one up costs as much as hashing a small file.</summary>
    [MethodImpl(Compilation.AtOnce)]
    private byte[] HashOf(ReadOnlySpan<byte> content)
    {
        _hash.AppendData(content);
        return _hash.GetHashAndReset();
    }

    [MethodImpl(Compilation.AtOnce)]
    private static byte[] HashOf(SourceFile source)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using ContentReader reader = new();
        _ = FollowingHash.Append(hash, reader, source.End, 0, source.Length);
        return hash.GetHashAndReset();
    }

    [MethodImpl(Compilation.AtOnce)]
    private static int ReadAll(SourceFile source, nint address, int count)
    {
        int filled = 0;
        while (filled < count)
        {
            long read = FileIO.ReadAt(source.File, address + filled, count - filled, filled);
            if (SystemCallException.Check(read, "pread", source.Path) == 0)
                break;
            filled += (int)read;
            // A short read is the end of a regular file; only those that hide their length may have more.
            if (filled < count && source.Length >= 0 && filled >= source.Length)
                break;
        }

        return filled;
    }

    internal static TransferException Truncated(NativePath path, long length) => new(
        ErrorKind.SourceTruncated, $"'{path}' became shorter while it was sent: it had {length} bytes. Nothing was put under its name.");
}
