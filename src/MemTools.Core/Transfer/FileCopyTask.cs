using System.Diagnostics;
using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer;

/// <summary>One file's copy, from opening the source to the destination in its place.</summary>
internal sealed class FileCopyTask
{
    private readonly CopyContext _context;
    private readonly FileCopyOptions _options;
    private readonly NativePath _path;
    private readonly CancellationToken _stop;
    private readonly List<string> _warnings = [];
    private readonly MetadataCopier _metadata;
    private readonly long _started;
    private readonly ThreadUsage _before;
    private bool _touched;
    private bool _committed;
    private bool _sourceChanged;
    private string? _hash;

    [MethodImpl(Compilation.AtOnce)]
    internal FileCopyTask(CopyContext context, NativePath path, CancellationToken stop)
    {
        _context = context;
        _options = context.Options;
        _path = path;
        _stop = stop;
        _metadata = new(context, _warnings);
        (_started, _before) = context.Mark ?? (Stopwatch.GetTimestamp(), ThreadUsage.Now());
        context.Mark = null;
    }

    /// <summary>Copies an open source to an entry that <see cref="DestinationRules.Check"/> let pass.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal FileTransferResult Copy(SourceFile source, DestinationEntry entry)
    {
        ContentRange range = source.Range(_options);
        using DestinationWriter writer = DestinationRules.OpenWriter(source, entry, _context, _metadata, _stop);
        return CopyInto(source, entry, writer, range);
    }

    /// <summary>Copies an open source into a stream.</summary>
    internal FileTransferResult CopyToStream(SourceFile source, DestinationWriter stream) =>
        CopyInto(source, DestinationEntry.OfStream(stream.Path), stream, source.Range(_options));

    [MethodImpl(Compilation.AtOnce)]
    private FileTransferResult CopyInto(SourceFile source, DestinationEntry entry, DestinationWriter writer, ContentRange range)
    {
        try
        {
            return CopyAndFinish(source, entry, writer, range);
        }
        catch (OperationCanceledException)
        {
            if (_touched && writer is InPlaceFile && writer.IsRegular)
                _context.LeftIncomplete = writer.Path.ToString();
            throw;
        }
        catch (SystemCallException e)
        {
            throw new TransferException(e.Kind, $"{e.Message}; {WhatIsLeft(writer)}.", e);
        }
        catch (TransferException e)
        {
            if (e.Kind == ErrorKind.VerificationFailed && writer is TemporaryFile file)
                file.Discard();
            string message = $"{e.Message.TrimEnd('.')}; {WhatIsLeft(writer)}.";
            throw new TransferException(e.Kind, message, e.InnerException ?? e)
            {
                BytesTransferred = e.BytesTransferred,
                BytesMissing = e.BytesMissing,
            };
        }
    }

    private string WhatIsLeft(DestinationWriter writer) => _committed
        ? $"'{writer.Path}' is the whole new file, which a power loss could still undo"
        : writer.AfterFailure(_touched);

    [MethodImpl(Compilation.AtOnce)]
    private FileTransferResult CopyAndFinish(SourceFile source, DestinationEntry entry, DestinationWriter writer, ContentRange range)
    {
        using SourceHash? hash = _options.Verify == VerifyMode.Sha256 ? new SourceHash() : null;
        long present = writer is TemporaryFile partial ? partial.Resume(source.End, range.Length, _stop) : 0;
        CopyJob job = MakeJob(source, writer, range, hash, present);
        ContentCopier content = CopyContent(source, writer, range, job, present);
        CheckSource(source, range, content);
        long length = job.BytesDone;
        if (content.LengthUnsettled || writer is InPlaceFile)
            writer.SetLength(length);
        if (_options.Verify != VerifyMode.None)
            Verify(job, range, length, hash);
        if (writer.IsRegular)
            _metadata.Apply(source, writer, entry);
        Finish(job, writer, entry);
        return Result(entry, new()
        {
            Status = _context.StatusWhenDone,
            Length = length,
            Replacement = writer.Replacement,
            Method = content.Method,
            Refused = content.Refused,
            BytesTransferred = job.BytesTransferred,
            BytesResumed = present,
            SystemCalls = job.SystemCalls,
            OtherThreads = job.OtherThreads,
        });
    }

    [MethodImpl(Compilation.AtOnce)]
    private CopyJob MakeJob(SourceFile source, DestinationWriter writer, ContentRange range, SourceHash? hash, long present)
    {
        CopyJob job = new(source.End, writer.End, _context.Pieces, _context.Progress, _stop)
        {
            Observers = hash is null && _options.CachePolicy != CachePolicy.Drop ? _context.Observers : MoreObservers(hash),
            Total = range.KnowsItsLength ? range.Length : -1,
            WholeFile = range.WholeFile && present == 0,
            SourceHidesItsLength = source.Length == SourceFile.UnknownLength,
            SkipZeros = _options.Sparse == SparseMode.Always && writer.IsRegular,
        };
        job.Resume(present);
        hash?.Copied(job, 0, 0, present, default);
        return job;
    }

    private List<IPieceObserver> MoreObservers(SourceHash? hash)
    {
        List<IPieceObserver> observers = [.. _context.Observers];
        if (hash is not null)
            observers.Add(hash);
        if (_options.CachePolicy == CachePolicy.Drop)
            observers.Add(new CacheBroom());
        return observers;
    }

    [MethodImpl(Compilation.AtOnce)]
    private ContentCopier CopyContent(
        SourceFile source, DestinationWriter writer, ContentRange range, CopyJob job, long present)
    {
        bool emptied = job.SkipZeros && writer is InPlaceFile;
        if (emptied)
            ((InPlaceFile)writer).Empty();
        MethodChain.Attempt attempt = _context.Chain.Begin(source.Status.Device, writer.Device);
        ContentCopier content = new(job, range, _options, attempt, writer) { Present = present };
        int alreadyKnown = attempt.Refused.Count;
        try
        {
            content.Copy(source.Status);
        }
        finally
        {
            _touched = emptied || job.BytesDone > present;
        }

        if (content.Refused.Count > alreadyKnown && _context.Verbose is { } tell)
            TellRefusals(content.Refused, alreadyKnown, tell);
        return content;
    }

    private void TellRefusals(ResultList<Refusal> refused, int alreadyKnown, Action<string> tell)
    {
        for (int i = alreadyKnown; i < refused.Count; i++)
            tell($"{_path}: {refused[i].Method} was passed over: {refused[i].Reason} ({refused[i]}).");
    }

    /// <summary>Finds out whether the source was still what it was when opened.</summary>
    [MethodImpl(Compilation.AtOnce)]
    private void CheckSource(SourceFile source, ContentRange range, ContentCopier content)
    {
        if (source.Status.IsBlockDevice && content.SourceEnded)
            throw Ended(source);
        if (!source.Status.IsRegular || !range.KnowsItsLength || source.Length == SourceFile.UnknownLength)
            return;
        Statx now = FileMetadata.StatusOf(source.File, _path);
        bool shrank = now.Length < range.Start + range.Length;
        if ((shrank || content.SourceEnded) && !PseudoFileSystem.Holds(source.File))
            throw Shrank(source, now.Length);
        _sourceChanged = now.Length != source.Length || !now.ModifyTime.Equals(source.Status.ModifyTime);
        if (_sourceChanged)
            TellChange(source, now.Length);
    }

    private TransferException Ended(SourceFile source) =>
        new(ErrorKind.SourceTruncated, $"'{_path}' ended before its {source.Length} bytes were read");

    private TransferException Shrank(SourceFile source, long length) => new(
        ErrorKind.SourceTruncated,
        $"'{_path}' became shorter while it was copied: it had {source.Length} bytes and has {length}");

    private void TellChange(SourceFile source, long length)
    {
        string what = length > source.Length
            ? $"'{_path}' grew from {source.Length} to {length} bytes while it was copied"
            : $"'{_path}' was modified while it was copied";
        if (_options.RequireStable)
            throw new TransferException(ErrorKind.SourceChanged, what);
        _warnings.Add($"{what}; the copy has the length that it had at first, and may mix old bytes with new.");
    }

    private void Verify(CopyJob job, ContentRange range, long length, SourceHash? hash)
    {
        Uninterruptible("fsync", () => Verification.PrepareReading(job));
        if (hash is null)
        {
            Verification.CheckBytes(job, range.Start, length);
            return;
        }

        byte[] expected = hash.Finish();
        Verification.CheckHash(job, length, expected);
        _hash = Convert.ToHexString(expected);
    }

    [MethodImpl(Compilation.AtOnce)]
    private void Finish(CopyJob job, DestinationWriter writer, DestinationEntry entry)
    {
        if (_options.CachePolicy == CachePolicy.Drop)
            DropFromCache(job);
        // Pipes and character devices keep nothing that could be flushed, and fsync(2) answers EINVAL.
        bool flush = _options.Flush && writer.HasPositions;
        if (flush)
            FlushFile(writer);
        _stop.ThrowIfCancellationRequested();
        writer.Commit(_context.MayHoldBackErrors(writer));
        _committed = true;
        if (writer is TemporaryFile file)
            _context.RememberWritten(file.Status);
        else if (writer.IsRegular)
            _context.RememberWritten(entry.Existing);
        if (flush)
            FlushDirectory(entry);
    }

    private void DropFromCache(CopyJob job) => Uninterruptible("fsync", () => CacheBroom.Finish(job));

    private void FlushFile(DestinationWriter writer) =>
        Uninterruptible("fsync", () => SystemCallException.Check(FileIO.Sync(writer.File), "fsync", writer.Path));

    /// <summary>Puts the name on the disk too: without it a power loss could bring the old name back.</summary>
    private void FlushDirectory(DestinationEntry entry) => Uninterruptible("fsync", () =>
    {
        using Descriptor directory = FileIO.Open(
            entry.Directory, DestinationFolder.Itself, OpenFlags.ReadOnly | OpenFlags.Directory);
        SystemCallException.Check(FileIO.Sync(directory), "fsync", entry.Path.Parent);
    });

    private void Uninterruptible(string call, Action work)
    {
        _context.UninterruptibleCall = call;
        try
        {
            work();
        }
        finally
        {
            _context.UninterruptibleCall = null;
        }
    }

    /// <summary>Makes an entry one more name of a copy that exists (-Preserve HardLinks).</summary>
    internal FileTransferResult Link(SourceFile source, DestinationEntry entry, Descriptor firstDirectory, NativePath first)
    {
        HardLink.Make(entry, firstDirectory, first, replace: !_options.NoClobber && !entry.MustBeNew);
        return Result(entry, new()
        {
            Status = "Linked",
            Length = source.Status.Length,
            Replacement = entry.Exists ? "Renamed" : "New",
        });
    }

    [MethodImpl(Compilation.AtOnce)]
    private FileTransferResult Result(DestinationEntry entry, in Outcome outcome)
    {
        ThreadUsage now = ThreadUsage.Now();
        ThreadUsage usage = now - _before + outcome.OtherThreads;
        long done = Stopwatch.GetTimestamp();
        _context.Mark = (done, now);
        return new()
        {
            Source = _path.ToString(),
            Destination = entry.Path.ToString(),
            SourceBytes = _path.BytesBeyondText,
            DestinationBytes = entry.Path.BytesBeyondText,
            Status = outcome.Status,
            Length = outcome.Length,
            BytesTransferred = outcome.BytesTransferred,
            BytesResumed = outcome.BytesResumed,
            Method = outcome.Method is { } method ? MethodNames.Of(method) : "None",
            Refused = outcome.Refused ?? ResultList<Refusal>.None,
            Replacement = outcome.Replacement,
            Elapsed = Stopwatch.GetElapsedTime(_started, done),
            UserTime = usage.UserTime,
            KernelTime = usage.KernelTime,
            SystemCalls = outcome.SystemCalls,
            VoluntarySwitches = usage.VoluntarySwitches,
            InvoluntarySwitches = usage.InvoluntarySwitches,
            MinorFaults = usage.MinorFaults,
            MajorFaults = usage.MajorFaults,
            Hash = _hash,
            SourceChanged = _sourceChanged,
            Warnings = _warnings.Count == 0 ? ResultList<string>.None : new(_warnings),
        };
    }

    /// <summary>The part of a result that copying and linking fill differently.</summary>
    private readonly record struct Outcome
    {
        internal required string Status { get; init; }

        internal required long Length { get; init; }

        internal required string Replacement { get; init; }

        internal CopyMethod? Method { get; init; }

        internal ResultList<Refusal>? Refused { get; init; }

        internal long BytesTransferred { get; init; }

        internal long BytesResumed { get; init; }

        internal long SystemCalls { get; init; }

        internal ThreadUsage OtherThreads { get; init; }
    }
}
