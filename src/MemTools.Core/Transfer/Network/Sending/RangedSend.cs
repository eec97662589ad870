using System.Security.Cryptography;
using MemTools.Kernel;
using MemTools.Transfer.Network.Connections;
using MemTools.Transfer.Network.Wire;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer.Network.Sending;

/// <summary>
/// One large file: offered, gone on with from where both ends agree, and sent in ranges on all connections whose workers have
/// nothing else to do. Holes are not sent. The hash follows on a thread of its own.
/// </summary>
internal sealed class RangedSend : IDisposable
{
    /// <summary>How far the hash may stay behind: what it reads should still be in the page cache.</summary>
    private const long MostBehind = 128 * 1024 * 1024;

    private readonly object _gate = new();
    private readonly SendRun _run;
    private readonly SendingEntry _sending;
    private readonly RangedItem _item;
    private readonly Channel _channel;
    private readonly CancellationToken _stop;
    private FollowingHash? _hash;
    private EndOutcome _outcome;
    private long _cursor;
    private long _dataEnd;
    private long _sent;
    private int _helpers;
    private bool _closed;

    internal RangedSend(SendRun run, SendingEntry sending, RangedItem item, Channel channel, CancellationToken stop)
    {
        _run = run;
        _sending = sending;
        _item = item;
        _channel = channel;
        _stop = stop;
    }

    private SourceFile Source => _sending.Source;

    private bool IsHashed => _run.Session.Options.Verify == VerifyMode.Sha256;

    /// <summary>Sends the file; returns when all of it is on its way, or it is over.</summary>
    internal void Send(PayloadSender payload)
    {
        try
        {
            Offer();
            if (_item.WaitForAnswer(_stop) is not { } points)
                return;
            IncrementalHash hash = Agree(points);
            _item.BytesResumed = _cursor;
            CountAsDone(_cursor);
            if (IsHashed)
                _hash = new(Source.End, hash, _cursor);
            else
                hash.Dispose();
            Begin();
            CallForHelp();
            SendRanges(_channel, payload);
            WaitForHelpers();
            End(Outcome());
        }
        catch (SystemCallException e)
        {
            // The source, while the hash read it: the receiver, which has been offered the file, has to hear of it.
            WaitForHelpers();
            EndUnreadable(e);
        }
        catch (TransferException)
        {
            // The thread that reads gives it back.
            _channel.Socket.Break();
        }
        catch (OperationCanceledException)
        {
            _channel.Socket.Break();
            throw;
        }
        finally
        {
            WaitForHelpers();
        }
    }

    public void Dispose() => _hash?.Dispose();

    /// <summary>Sends ranges on another connection for as long as there are some.</summary>
    internal void Help(WorkerSender helper)
    {
        if (ReferenceEquals(helper.Connection, _item.Connection) || !TryEnter())
            return;
        try
        {
            if (helper.Connection.TryLive(_stop) is { } channel)
                SendRanges(channel, helper.Payload);
        }
        catch (TransferException)
        {
            // What was on its way there has to be sent again, and nobody knows what that was.
            SetOutcome(EndOutcome.ConnectionBroken);
        }
        finally
        {
            lock (_gate)
            {
                _helpers--;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private void Offer()
    {
        Entry entry = _sending.Entry(IsHashed ? EntryFlags.Hashed : EntryFlags.None);
        lock (_channel.Writer)
        {
            FrameRoom room = _channel.Writer.Begin(FrameType.File, entry.Size);
            entry.Write(_channel.Writer.BodyOf(room));
            _channel.Writer.Complete(room);
            _channel.Writer.Flush();
        }
    }

    /// <summary>Finds the longest prefix that both ends have, and the hash of it.</summary>
    private IncrementalHash Agree(ResumePoint[] points)
    {
        IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using ContentReader reader = new();
        long at = 0;
        foreach (ResumePoint point in points)
        {
            if (_item.IsOver || point.Length > Source.Length || !Advances(hash, reader, at, point))
                break;
            at = point.Length;
        }

        _cursor = _dataEnd = at;
        if (points.Length == 0 || at == points[^1].Length)
            return hash;
        // The hash has gone past what agrees: taken anew, which costs reading it once more.
        hash.Dispose();
        IncrementalHash anew = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (IsHashed)
            _ = FollowingHash.Append(anew, reader, Source.End, 0, at);
        return anew;
    }

    private bool Advances(IncrementalHash hash, ContentReader reader, long from, ResumePoint point)
    {
        const long step = 16 * 1024 * 1024;
        for (long at = from; at < point.Length;)
        {
            _stop.ThrowIfCancellationRequested();
            long end = Math.Min(at + step, point.Length);
            if (FollowingHash.Append(hash, reader, Source.End, at, end) < end)
                return false;
            at = end;
        }

        return hash.GetCurrentHash().AsSpan().SequenceEqual(point.Digest);
    }

    private void CallForHelp()
    {
        for (int i = 1; i < _run.Session.Connections.Length; i++)
            _run.Run.Queue.Push(new TreeQueue.Step(_item.Directory, null, new RangeHelp(this, _run)));
    }

    private void SendRanges(Channel channel, PayloadSender payload)
    {
        ThreadUsage before = ThreadUsage.Now();
        CopyJob job = PayloadSender.JobFor(channel, Source, _run.Observers, _run.LargestPiece, _stop);
        try
        {
            while (TryClaim(out long offset, out int length))
            {
                SendRange(channel, payload, job, offset, length);
                _hash?.Advance(offset + length, MostBehind);
            }
        }
        catch (OperationCanceledException)
        {
            channel.Socket.Break();
            throw;
        }
        finally
        {
            lock (_gate)
            {
                payload.Describe(_item, job);
                _item.Usage += ThreadUsage.Now() - before;
                _item.CountedBefore += job.BytesTransferred;
            }
        }
    }

    private void SendRange(Channel channel, PayloadSender payload, CopyJob job, long offset, int length)
    {
        EndOutcome outcome;
        lock (channel.Writer)
        {
            FrameRoom room = channel.Writer.Begin(FrameType.Data, RangeBody.Size);
            new RangeBody(_item.Id, offset).Write(channel.Writer.BodyOf(room));
            channel.Writer.Complete(room, payloadFollows: length);
            channel.Writer.Flush(more: true);
            outcome = payload.Move(channel, job, offset, length);
        }

        if (outcome != EndOutcome.Complete)
            SetOutcome(outcome);
    }

    /// <summary>The next range of data; false where there is none, or no more are wanted.</summary>
    private bool TryClaim(out long offset, out int length)
    {
        lock (_gate)
        {
            (offset, length) = (0, 0);
            if (_outcome != EndOutcome.Complete || _item.IsOver || _stop.IsCancellationRequested)
                return false;
            if (_cursor >= _dataEnd)
                PassHole();
            if (_cursor >= Source.Length)
                return false;
            offset = _cursor;
            length = (int)Math.Min(_dataEnd - _cursor, Math.Min(WireLimits.LargestData, _item.Connection.Terms.LargestData));
            _cursor += length;
            _sent += length;
            return true;
        }
    }

    private void PassHole()
    {
        long before = _cursor;
        (_cursor, _dataEnd) = DataSegments.Next(Source.File, _cursor, Source.Length);
        CountAsDone(_cursor - before);
    }

    /// <summary>What needs not be sent is done already, for whoever looks at the progress.</summary>
    private void CountAsDone(long bytes)
    {
        _run.Run.Totals.Done(0, bytes);
        _item.CountedBefore += bytes;
    }

    private void SetOutcome(EndOutcome outcome)
    {
        lock (_gate)
        {
            if (_outcome == EndOutcome.Complete)
                _outcome = outcome;
        }
    }

    private bool TryEnter()
    {
        lock (_gate)
        {
            if (_closed || _outcome != EndOutcome.Complete || _item.IsOver)
                return false;
            _helpers++;
            return true;
        }
    }

    private void WaitForHelpers()
    {
        lock (_gate)
        {
            _closed = true;
            while (_helpers > 0)
                Monitor.Wait(_gate);
        }
    }

    /// <summary>How it went, and the digest of what was sent.</summary>
    private EndOutcome Outcome()
    {
        _stop.ThrowIfCancellationRequested();
        EndOutcome outcome = _sending.Judge(_outcome);
        if (outcome == EndOutcome.SourceUnreadable)
            _item.Error ??= new(ErrorKind.IoError, $"'{Source.Path}' could not be read to its end.");
        if (outcome != EndOutcome.Complete || _hash is null || _item.IsOver)
            return outcome;
        _item.Digest = _hash.Finish(Source.Length, _stop.ThrowIfCancellationRequested);
        _item.Usage += _hash.Usage;
        return outcome;
    }

    private void End(EndOutcome outcome)
    {
        if (_item.IsOver)
            return;
        lock (_channel.Writer)
        {
            _item.PutEnd(_channel, outcome, _sent);
            _channel.Writer.Flush();
        }
    }

    private void EndUnreadable(SystemCallException error)
    {
        try
        {
            End(_sending.Unreadable(error));
        }
        catch (TransferException)
        {
            // The thread that reads gives it back.
            _channel.Socket.Break();
        }
    }

    private void Begin()
    {
        Span<byte> body = stackalloc byte[RangeBody.Size];
        new RangeBody(_item.Id, _cursor).Write(body);
        lock (_channel.Writer)
        {
            _channel.Writer.Put(FrameType.Begin, body);
            _channel.Writer.Flush();
        }
    }
}

/// <summary>Asks a worker that has nothing else to do to send ranges of a large file too.</summary>
internal sealed class RangeHelp(RangedSend file, SendRun run) : ITreeTask
{
    public void Run(TreeWorker worker) => file.Help(run.SenderOf(worker));
}
