using MemTools.Kernel;
using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Receiving;

/// <summary>Files that come in ranges, as far as one connection has to do with them: those that it offers, and ranges of others.</summary>
internal sealed class OfferedFiles(ReceiveWork work)
{
    /// <summary>Takes an offer, and answers what there is to go on from.</summary>
    internal void Offer(ReceivedEntry entry)
    {
        DestinationTree.Folder folder = work.FolderOf(entry.Path);
        RangedFile file = RangedFile.Open(entry, work.Connection, work.Tree.Duplicate(folder), folder.Path, work.Replaces);
        try
        {
            ResumePoint[] points = file.FindPoints(work.CheckThatItIsWanted);
            work.Session.Add(file);
            Span<byte> body = stackalloc byte[Answer.SizeOf(points.Length)];
            Answer.Write(body, entry.Id, points);
            lock (work.Channel.Writer)
            {
                work.Channel.Writer.Put(FrameType.Answer, body);
                work.Channel.Writer.Flush();
            }
        }
        catch
        {
            work.Session.Remove(file);
            file.Dispose();
            throw;
        }
    }

    internal void TakeBegin()
    {
        RangeBody range = RangeBody.Read(work.Reader.Body);
        if (work.Session.Find(range.Id) is not { } file)
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

    internal void TakeData()
    {
        RangeBody range = RangeBody.Read(work.Reader.Body);
        int length = work.Reader.PayloadLeft;
        // A file that has failed a moment ago may still get ranges, which are dropped.
        if (work.Session.Find(range.Id) is not { } file || !file.TryEnter(range.Offset, length, work.Connection, work.Hub.Options.IdleTime))
        {
            work.Reader.SkipPayload();
            return;
        }

        bool written = false;
        bool isComplete = false;
        SystemCallException? failure = null;
        try
        {
            failure = work.Payload.Move(file.End, range.Offset);
            written = failure is null;
        }
        finally
        {
            isComplete = file.Leave(range.Offset, length, work.Connection, written);
        }

        work.Hub.Totals.Done(0, written ? length : 0);
        if (failure is not null)
            Fail(file, failure);
        else if (isComplete)
            Finish(file);
    }

    internal void TakeEnd(in EndBody end)
    {
        if (work.Session.Find(end.Id) is not { } file)
            return;
        if (end.Outcome != EndOutcome.Complete)
            EndEarly(file, end.Outcome);
        else if (file.Expect(end))
            Finish(file);
    }

    /// <summary>Lets go of what was offered here, keeping large unfinished files for a later resume.</summary>
    internal void GiveUp()
    {
        foreach (RangedFile file in work.Session.FilesOf(work.Connection))
        {
            if (!file.TryGiveUp(keep: true))
                continue;
            work.Session.Remove(file);
            file.Dispose();
        }
    }

    private void EndEarly(RangedFile file, EndOutcome outcome)
    {
        if (!file.TryGiveUp(keep: outcome is EndOutcome.Stopped or EndOutcome.ConnectionBroken))
            return;
        work.Session.Remove(file);
        using (file)
        {
            if (outcome == EndOutcome.ConnectionBroken)
                work.Outcomes.Broken(file.Id);
            else
                work.Outcomes.Fail(file.Entry, ReceiveErrors.EndedEarly(file.Entry, outcome));
        }
    }

    private void Finish(RangedFile file)
    {
        work.Session.Remove(file);
        using (file)
        {
            try
            {
                file.Finish(work.Hub.Options.Flush, work.CheckThatItIsWanted);
                work.Outcomes.Succeed(file, work.Payload);
            }
            catch (Exception e) when (ReceiveErrors.IsOfEntry(e))
            {
                work.Outcomes.Fail(file.Entry, e);
            }
        }
    }

    /// <summary>A file that cannot be gone on with: its unfinished part goes too, for it may be what fills the disk.</summary>
    private void Fail(RangedFile file, Exception why)
    {
        if (!file.TryGiveUp(keep: false))
            return;
        work.Session.Remove(file);
        using (file)
            work.Outcomes.Fail(file.Entry, why);
    }
}
