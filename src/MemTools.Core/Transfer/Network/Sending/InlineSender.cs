using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using MemTools.Kernel;
using MemTools.Transfer.Network.Connections;
using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Sending;

/// <summary>Sends files in one frame: read into the buffer in which frames are gathered, or moved by the kernel. For one worker.</summary>
internal sealed class InlineSender(SendRun run, PayloadSender payload) : IDisposable
{
    /// <summary>Of a source that does not tell its length, as much as can be sent.</summary>
    private const int LargestUntold = 128 * 1024;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private ThreadUsage _usage;

    private bool IsHashed => run.Session.Options.Verify == VerifyMode.Sha256;

    /// <summary>Reads the file into the frame; when it is gone, or shorter than it was, nothing of it has left.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal void SendFromMemory(Channel channel, SendingEntry sending)
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
                if (run.TryExpect(channel, item))
                    channel.Writer.Complete(room);
            }

            run.Session.Rate?.Take(item.Length, run.Run.Stop);
        }
        catch (TransferException) when (channel.Socket.IsBroken)
        {
            channel.Socket.Break();
            if (!isExpected)
                run.Postpone(item.Directory, item.Name, item.Destination.Name);
        }
    }

    /// <summary>Has the kernel move the content behind the frame of its entry, and ends it by a frame of its own.</summary>
    internal void SendMoved(Channel channel, SendingEntry sending)
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
                CopyJob job = PayloadSender.JobFor(channel, sending.Source, run.Observers, run.LargestPiece, run.Run.Stop);
                EndOutcome outcome = payload.Move(channel, job, 0, length);
                item.CountedBefore = length;
                outcome = JudgeAndHash(sending, outcome);
                payload.Describe(item, job);
                item.Usage = Spent();
                item.PutEnd(channel, outcome, bytesSent: 0);
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

    public void Dispose() => _hash.Dispose();

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
            throw SendingEntry.Truncated(source.Path, most);
        if (read > most && sending.Changed())
            throw sending.Item.Error!;
        return Math.Min(read, most);
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
}
