using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer.Methods;

namespace MemTools.Transfer;

/// <summary>
/// Copies the content of one file: chooses the method, walks from data to data so that holes stay holes, and tells a
/// method that cannot be used here from a copy that failed.
/// </summary>
internal sealed class ContentCopier
{
    /// <summary>Below this a file whose blocks cover its size is taken to have no holes, which saves two calls.</summary>
    private const long AlwaysWalkedFrom = 1024 * 1024;

    private readonly CopyJob _job;
    private readonly ContentRange _range;
    private readonly FileCopyOptions _options;
    private readonly MethodChain.Attempt _attempt;
    private readonly DestinationWriter _writer;
    private bool _roomChecked;
    private long _sourceAllocated = -1;

    /// <param name="job">Both ends.</param>
    /// <param name="range">The bytes to copy.</param>
    /// <param name="options">What the user asked for.</param>
    /// <param name="attempt">The methods to try.</param>
    /// <param name="writer">The destination, for its room and its holes.</param>
    internal ContentCopier(
        CopyJob job, ContentRange range, FileCopyOptions options, MethodChain.Attempt attempt, DestinationWriter writer)
    {
        _job = job;
        _range = range;
        _options = options;
        _attempt = attempt;
        _writer = writer;
    }

    /// <summary>Bytes from the range's start that the destination has already (-Resume).</summary>
    internal long Present { get; init; }

    /// <summary>Whether the source ended before the range did.</summary>
    internal bool SourceEnded { get; private set; }

    /// <summary>Whether the destination's length has still to be set: it ends in a hole or in padding.</summary>
    internal bool LengthUnsettled { get; private set; }

    /// <summary>The method that copied, or null where there was nothing to copy.</summary>
    internal CopyMethod? Method { get; private set; }

    internal ResultList<Refusal> Refused => _attempt.Refused;

    /// <summary>Copies the range. The source is <paramref name="source"/>, as it was when opened.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal void Copy(in Statx source)
    {
        if (_range.Length == Present)
            return;
        PassOverUnsuitable();
        if (_attempt.Current.Kind == CopyMethod.Reflink && Present == 0 && TryShareAll())
            return;
        bool walk = _range.KnowsItsLength && _options.Sparse != SparseMode.Never && MayHaveHoles(source)
            && _job.Destination.HasPositions;
        _sourceAllocated = walk ? source.AllocatedBytes : -1;
        if (walk)
            CopySegments();
        else
            CopyRunTo(_range.Start + Present, _range.KnowsItsLength ? _range.Length - Present : _range.Length);
        LengthUnsettled |= _job.SkipZeros || _attempt.Current.Kind == CopyMethod.DirectIO;
    }

    /// <summary>What rules a method out before any call is made, or null.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal static string? Unsuitable(CopyMethod method, FileCopyOptions options, CopyEnd source) => method switch
    {
        CopyMethod.ReadWrite => null,
        _ when options.Sparse == SparseMode.Always => "-Sparse Always has to look at the bytes",
        CopyMethod.Reflink or CopyMethod.CopyFileRange when options.Sparse == SparseMode.Never =>
            "-Sparse Never rules out methods that may share holes",
        CopyMethod.DirectIO => null,
        _ when options.Verify == VerifyMode.Sha256 && !source.HasPositions =>
            "-Verify Sha256 has to see the bytes of a source that cannot be read twice",
        _ => null,
    };

    [MethodImpl(Compilation.AtOnce)]
    private void PassOverUnsuitable()
    {
        while (Unsuitable(_attempt.Current.Kind, _options, _job.Source) is { } reason)
        {
            if (!_attempt.Refuse(reason))
                throw MethodNotPossible(default);
        }
    }

    private bool TryShareAll()
    {
        CopyRun run = new(_range.Start, 0, _range.Length);
        CallFailure failure = _attempt.Current.Copy(_job, ref run);
        if (!failure.Failed)
        {
            Method = CopyMethod.Reflink;
            // The source may have grown between its opening and the clone, which takes it whole.
            LengthUnsettled = true;
            return true;
        }

        GoOnAfter(failure);
        return false;
    }

    private bool MayHaveHoles(in Statx source) =>
        source.IsRegular && (_range.Length >= AlwaysWalkedFrom || source.AllocatedBytes < source.Length);

    private void CopySegments()
    {
        long position = _range.Start + Present;
        long end = _range.Start + _range.Length;
        while (position < end && !SourceEnded)
        {
            (long start, long stop) = DataSegments.Next(_job.Source.File, position, end);
            if (start > position)
                PassHole(position, start - position);
            if (stop > start)
                CopyRunTo(start, stop - start);
            LengthUnsettled |= stop == start;
            position = stop;
        }
    }

    private void PassHole(long position, long length)
    {
        _writer.Clear(position - _range.Start, length);
        _job.PassHole(length);
    }

    [MethodImpl(Compilation.AtOnce)]
    private void CopyRunTo(long start, long length)
    {
        CopyRun run = new(start, start - _range.Start, length);
        // How many zeros will take no room is known when they have been read.
        if (_range.Length >= DestinationWriter.RoomCheckedFrom && _range.KnowsItsLength && !_job.SkipZeros)
            CheckRoomOnce();
        if (_range.KnowsItsLength && !_job.SkipZeros)
            _writer.Reserve(run.DestinationOffset, length, _job.Stop);
        while (!run.Done)
        {
            CallFailure failure = _attempt.Current.Copy(_job, ref run);
            if (failure.Failed)
                GoOnAfter(failure);
            else
                Method = _attempt.Current.Kind;
        }

        SourceEnded = run.SourceEnded;
    }

    private void CheckRoomOnce()
    {
        if (_roomChecked)
            return;
        _roomChecked = true;
        bool leavesHoles = _sourceAllocated >= 0;
        long bytes = leavesHoles ? Math.Min(_range.Length, _sourceAllocated) : _range.Length;
        long missing = _writer.MissingRoom(bytes);
        if (missing > 0 && leavesHoles)
        {
            // Blocks that were set aside and never written (fallocate) are allocated, and yet no data. To find out how
            // many takes a walk over the file, so it is done only where that decides.
            bytes = DataSegments.Total(_job.Source.File, _range.Start, _range.Start + _range.Length);
            missing = _writer.MissingRoom(bytes);
        }

        if (missing > 0)
            throw _writer.NoRoom(bytes, missing);
    }

    /// <summary>After a refusal moves on to the next method; after anything else, throws.</summary>
    private void GoOnAfter(CallFailure failure)
    {
        if (!_attempt.Current.IsRefusal(failure.Errno))
            throw Failed(failure);
        if (!_attempt.Refuse(failure))
            throw MethodNotPossible(failure);
        PassOverUnsuitable();
    }

    private TransferException Failed(CallFailure failure)
    {
        SystemCallException inner = new(failure.Call!, failure.Errno, _job.Subject(failure));
        bool noRoom = inner.Kind == ErrorKind.NoSpace;
        long missing = noRoom && _range.KnowsItsLength ? _range.Length - _job.BytesDone : 0;
        string progress = _range.KnowsItsLength
            ? $"{_job.BytesDone} of {_range.Length} bytes were done"
            : $"{_job.BytesDone} bytes were done";
        string room = missing > 0 ? $", room for {missing} more was missing" : string.Empty;
        return new(inner.Kind, $"{inner.Message}; {progress}{room}.", inner)
        {
            BytesTransferred = _job.BytesTransferred,
            BytesMissing = missing,
        };
    }

    private TransferException MethodNotPossible(CallFailure failure)
    {
        Refusal last = _attempt.Refused[^1];
        string errno = last.ErrorName.Length > 0 ? $"{last.Call}: {last.ErrorName}: " : string.Empty;
        string alternatives = string.Join(", ", MethodProbe.Working(_job, _range.Start, _options, _writer, last.Method));
        string advice = alternatives.Length > 0 ? $" Methods that would work: {alternatives}." : string.Empty;
        Exception? inner = failure.Failed
            ? new SystemCallException(failure.Call!, failure.Errno, _job.Subject(failure))
            : null;
        return new(
            ErrorKind.MethodNotPossible,
            $"{last.Method} cannot copy '{_job.Source.Path}' to '{_job.Destination.Path}': {errno}{last.Reason}.{advice}",
            inner);
    }
}
