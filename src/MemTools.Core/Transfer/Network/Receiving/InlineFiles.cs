using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using MemTools.Kernel;
using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Receiving;

/// <summary>Files of one connection whose content comes with their entry, in one frame, and perhaps an End behind it.</summary>
internal sealed class InlineFiles(ReceiveWork work) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private SmallFile? _awaitsEnd;

    /// <summary>The id of a file that failed and whose End is still to come; 0 for none.</summary>
    private uint _endsNothing;

    /// <summary>Whether nothing but the End of a file may come.</summary>
    internal bool AwaitEnd => _awaitsEnd is not null;

    /// <summary>Takes a file.</summary>
    /// <param name="entry">What it is.</param>
    /// <param name="kept">The same, to be kept.</param>
    /// <param name="isWhole">Whether all of the content is in memory; else it is still to be taken from the connection.</param>
    /// <param name="content">The content, where it is.</param>
    [MethodImpl(Compilation.AtOnce)]
    internal void Take(in Entry entry, ReceivedEntry kept, bool isWhole, ReadOnlySpan<byte> content)
    {
        SmallFile? file = null;
        try
        {
            work.Check(entry);
            if (isWhole && entry.Has(EntryFlags.Digest) && !IsDigestOf(content, entry.Digest))
                throw ReceiveErrors.WrongDigest(kept.Path);
            file = SmallFile.Create(kept, work.FolderOf(kept.Path), work.Context, work.Replaces);
            if (isWhole)
                file.Write(content);
        }
        catch (Exception e) when (ReceiveErrors.IsOfEntry(e))
        {
            file?.Dispose();
            work.Outcomes.Fail(kept, e);
            file = null;
        }

        if (!isWhole)
            file = TakeContent(file, kept);
        if (kept.Has(EntryFlags.Whole))
            Commit(file, isWhole ? null : kept.Digest);
        else
            (_awaitsEnd, _endsNothing) = (file, file is null ? kept.Id : 0);
    }

    /// <summary>Takes the End of the file before; false where it is of another.</summary>
    internal bool TryEnd(in EndBody end)
    {
        if (_awaitsEnd is { } file)
        {
            End(file, end);
            return true;
        }

        if (_endsNothing != end.Id)
            return false;
        _endsNothing = 0;
        return true;
    }

    public void Dispose()
    {
        _awaitsEnd?.Dispose();
        _hash.Dispose();
    }

    /// <summary>Takes content that is too long for the buffer; null where the file failed.</summary>
    private SmallFile? TakeContent(SmallFile? file, ReceivedEntry entry)
    {
        if (file is null)
        {
            work.Reader.SkipPayload();
            return null;
        }

        SystemCallException? failure = null;
        bool isDone = false;
        try
        {
            failure = work.Payload.Move(file.End, 0);
            isDone = failure is null;
        }
        finally
        {
            if (!isDone)
                file.Dispose();
        }

        if (failure is null)
            return file;
        work.Outcomes.Fail(entry, failure);
        return null;
    }

    private void End(SmallFile file, in EndBody end)
    {
        if (end.Id != file.Entry.Id || end.Digest.IsEmpty == (file.Entry.Has(EntryFlags.Hashed) && end.Outcome == EndOutcome.Complete))
            throw Violation.Of("an End frame is not of the file before it, or lacks its digest");
        _awaitsEnd = null;
        if (end.Outcome == EndOutcome.Complete)
        {
            Commit(file, end.Digest.IsEmpty ? null : end.Digest.ToArray());
            return;
        }

        using (file)
            work.Outcomes.Fail(file.Entry, ReceiveErrors.EndedEarly(file.Entry, end.Outcome));
    }

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
                file.Commit(work.Hub.Options.Flush, work.Context);
                work.Outcomes.Succeed(file, file.Replacement, digest ?? file.Entry.Digest, work.Payload);
            }
            catch (TransferException e) when (e.Kind == ErrorKind.AlreadyExists && FinishedFile.IsThere(work.Hub.Root.Folder.Directory, file.Entry))
            {
                // It was finished on a connection that broke before the result had arrived.
                work.Outcomes.Succeed(file, "New", file.Entry.Digest, work.Payload);
            }
            catch (Exception e) when (ReceiveErrors.IsOfEntry(e))
            {
                work.Outcomes.Fail(file.Entry, e);
            }
        }
    }

    [MethodImpl(Compilation.AtOnce)]
    private bool IsDigestOf(ReadOnlySpan<byte> content, ReadOnlySpan<byte> digest)
    {
        // One hash that is used again and again: setting one up costs as much as hashing a small file.
        Span<byte> actual = stackalloc byte[SHA256.HashSizeInBytes];
        _hash.AppendData(content);
        _hash.GetHashAndReset(actual);
        return actual.SequenceEqual(digest);
    }
}
