using System.Diagnostics;
using System.Runtime.CompilerServices;
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

    /// <summary>From here on holes are worth an offer.</summary>
    private const int HolesFrom = 64 * 1024;

    private readonly SendRun _run;
    private readonly PayloadSender _payload;
    private readonly InlineSender _inline;
    private long _started;

    internal WorkerSender(SendRun run, SendConnection connection)
    {
        _run = run;
        Connection = connection;
        _payload = new(run.Session.Options.Method);
        _inline = new(run, _payload);
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
            _run.Postpone(directory, file.Name, file.Destination.Name);
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
            if (!_run.TryExpect(channel, ranged))
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
            _inline.SendFromMemory(channel, entry);
        else if (_run.TryExpect(channel, item))
            _inline.SendMoved(channel, entry);
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
            _run.Postpone(directory.Directory, name, destination.Name);
            return;
        }

        SentItem item = new(_run, Connection, _run.Session.NextId(), directory.Directory, name, destination, _started) { Type = Statx.TypeSymlink, IsSent = true };
        Entry entry = EntryOf(item.Id, SendRun.WirePathOf(destination), status);
        entry.Flags &= ~EntryFlags.Mode;
        entry.Mode = 0;
        entry.Target = target.Bytes;
        if (_run.TryExpect(channel, item))
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
        _inline.Dispose();
        _payload.Dispose();
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
}
