using System.Diagnostics;
using System.Security.Cryptography;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Receiving;

/// <summary>
/// A file that comes in ranges, on any connection of its session. It is finished by whichever thread brings the last that is
/// missing, and given up by the connection that offered it, when nobody writes into it any more.
/// </summary>
internal sealed class RangedFile : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly object _gate = new();
    private readonly ReceivedEntry _entry;
    private readonly Descriptor _directory;
    private readonly DestinationEntry _destination;
    private readonly TemporaryFile _file;
    private readonly CopyEnd? _finished;
    private readonly ArrivedRanges _ranges = new();
    private readonly List<ReceiveConnection> _writers = [];
    private ResumePoint[] _points = [];
    private IncrementalHash? _prefixHash;
    private FollowingHash? _hash;
    private long _begun = -1;
    private long _received;
    private long _expected = -1;
    private byte[]? _digest;
    private bool _over;
    private bool _goesOnFinished;
    private List<string>? _warnings;

    private RangedFile(ReceivedEntry entry, ReceiveConnection owner, Descriptor directory, DestinationEntry destination, TemporaryFile file, CopyEnd? finished)
    {
        _entry = entry;
        Owner = owner;
        _directory = directory;
        _destination = destination;
        _file = file;
        _finished = finished;
        End = new(file.File, destination.Path, HasPositions: true, CanBeCut: true);
    }

    internal uint Id => _entry.Id;

    internal ReceivedEntry Entry => _entry;

    /// <summary>The connection that offered it.</summary>
    internal ReceiveConnection Owner { get; }

    internal NativePath Path => _destination.Path;

    internal CopyEnd End { get; }

    internal long Started { get; } = Stopwatch.GetTimestamp();

    internal List<string>? Warnings => _warnings;

    internal string Replacement => _goesOnFinished ? "New" : _file.Replacement;

    /// <summary>Bytes that an earlier, interrupted run had brought.</summary>
    internal long Resumed => Math.Max(_begun, 0);

    internal long Received => _received;

    /// <summary>The digest that was found right; null without.</summary>
    internal byte[]? Digest => _digest;

    internal ThreadUsage HashUsage { get; private set; }

    /// <summary>Opens the unfinished file, of an earlier run where there is one.</summary>
    /// <param name="entry">What was offered.</param>
    /// <param name="owner">The connection that offers it.</param>
    /// <param name="directory">Where it goes; this object's to close.</param>
    /// <param name="path">The path of that.</param>
    /// <param name="replace">Whether an existing file may be replaced.</param>
    internal static RangedFile Open(ReceivedEntry entry, ReceiveConnection owner, Descriptor directory, NativePath path, bool replace)
    {
        const uint ownerOnly = 0x180;
        try
        {
            DestinationEntry destination = new(directory, path, entry.Path.Name);
            if (destination.Exists && destination.Existing.IsDirectory)
                throw new TransferException(ErrorKind.IsDirectory, $"'{destination.Path}' is a directory, and a file cannot replace it.");
            CopyEnd? finished = FinishedFile.TryOpen(destination, entry);
            if (destination.Exists && !replace && finished is null)
                throw new TransferException(ErrorKind.AlreadyExists, $"'{destination.Path}' exists, and -NoClobber leaves it alone.");
            long result = entry.Length >= PartialFile.KeptFrom
                ? PartialFile.TryOpen(sourceUser: null, destination, ownerOnly, replace, out TemporaryFile? file)
                : TemporaryFile.TryCreate(destination, ownerOnly, replace, out file);
            if (result < 0)
                finished?.File.Dispose();
            SystemCallException.Check(result, "openat", destination.Path);
            return new(entry, owner, directory, destination, file!, finished);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Hashes what an earlier run left, and tells the points from which it could be gone on with: its end alone where that run
    /// had come to it.
    /// </summary>
    /// <param name="isWanted">Asked while hashing takes its time; throws where nobody wants the file any more.</param>
    internal ResumePoint[] FindPoints(Action isWanted)
    {
        const long unit = 1024 * 1024;
        _prefixHash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (_finished is { } finished)
            return _points = HashPoints(_prefixHash, finished, _entry.Length, _entry.Length, isWanted);
        long present = Math.Min(_file.Status.Length, _entry.Length);
        if (_file.IsFresh || present < unit)
            return _points;
        long step = Math.Max(unit, (present / WireLimits.MostPoints + unit - 1) / unit * unit);
        return _points = HashPoints(_prefixHash, End, present, step, isWanted);
    }

    /// <summary>Cuts the file to where both ends agree, and lets ranges in.</summary>
    internal void Begin(long offset)
    {
        lock (_gate)
        {
            if (_begun >= 0 || (offset != 0 && !Array.Exists(_points, point => point.Length == offset)))
                throw Violation.Of("a file was begun twice, or where it was not offered");
            if (_over)
                return;
            _goesOnFinished = _finished is not null && offset == _entry.Length;
            CutTo(offset);
            bool goesOn = _points.Length > 0 && _points[^1].Length == offset;
            IncrementalHash hash = goesOn || _points.Length == 0 ? _prefixHash! : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            if (!ReferenceEquals(hash, _prefixHash))
                _prefixHash!.Dispose();
            _prefixHash = null;
            if (_entry.Has(EntryFlags.Hashed))
                _hash = new(End, hash, goesOn ? offset : 0);
            else
                hash.Dispose();
            _ranges.Begin(offset);
            _begun = offset;
            _hash?.Advance(offset);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Takes part in writing a range that has not come before. False where the file is over and its ranges are to be dropped.</summary>
    /// <exception cref="TransferException">ProtocolViolation: a range that cannot be the file's.</exception>
    internal bool TryEnter(long offset, int length, ReceiveConnection writer, TimeSpan patience)
    {
        lock (_gate)
        {
            // Data on one connection may overtake the Begin on another; on the same there is nobody else to read it.
            while (_begun < 0 && !_over)
            {
                if (ReferenceEquals(writer, Owner) || !Monitor.Wait(_gate, patience))
                    throw Violation.Of("a range came for a file that was not begun");
            }

            if (length == 0 || offset > _entry.Length - length || offset < _begun)
            {
                if (_over)
                    return false;
                throw Violation.Of($"a range of {length} bytes at {offset} does not lie in the file");
            }

            if (_over)
                return false;
            _ranges.Claim(offset, offset + length);
            _writers.Add(writer);
            return true;
        }
    }

    /// <summary>Ends one writer's part, whatever became of it.</summary>
    /// <returns>Whether the file has all it was to get, so that the caller is to finish it.</returns>
    internal bool Leave(long offset, int length, ReceiveConnection writer, bool written)
    {
        lock (_gate)
        {
            _writers.Remove(writer);
            _ranges.Release(offset, offset + length);
            Monitor.PulseAll(_gate);
            if (!written || _over)
                return false;
            _received += length;
            if (_received > _entry.Length - _begun)
                throw Violation.Of("the ranges of a file are longer than the file");
            _ranges.Add(offset, offset + length);
            _hash?.Advance(_ranges.Contiguous);
            return IsComplete();
        }
    }

    /// <summary>Takes what End says.</summary>
    /// <returns>Whether the file has all it was to get, so that the caller is to finish it.</returns>
    internal bool Expect(in EndBody end)
    {
        lock (_gate)
        {
            if (_begun < 0 || _expected >= 0 || end.Length != _entry.Length || end.Digest.IsEmpty == _entry.Has(EntryFlags.Hashed))
                throw Violation.Of("a file was ended twice, before it was begun, with another length, or without its digest");
            _expected = end.BytesSent;
            _digest = end.Digest.IsEmpty ? null : end.Digest.ToArray();
            return IsComplete();
        }
    }

    /// <summary>Checks the content, sets what the entry brought, and gives the file its name. The caller was told to.</summary>
    /// <param name="flush">Whether to put it on the disk first.</param>
    /// <param name="isWanted">Asked while hashing takes its time; throws where nobody wants the file any more.</param>
    internal void Finish(bool flush, Action isWanted)
    {
        if (!_goesOnFinished && FileMetadata.StatusOf(_file.File, Path).Length != _entry.Length)
            SystemCallException.Check(FileIO.Truncate(_file.File, _entry.Length), "ftruncate", Path);
        if (_digest is not null && !CryptographicOperations.FixedTimeEquals(_hash!.Finish(_entry.Length, isWanted), _digest))
        {
            _file.Discard();
            throw ReceiveErrors.WrongDigest(_entry.Path);
        }

        if (_hash is not null)
            HashUsage = _hash.Usage;
        if (_goesOnFinished)
        {
            _file.Discard();
            return;
        }

        ReceivedMetadata.Apply(_file.File, _entry, uint.MaxValue, ref _warnings);
        if (!_entry.Has(EntryFlags.Mode))
            SetUsualMode();
        if (flush)
            SystemCallException.Check(FileIO.Sync(_file.File), "fsync", Path);
        _file.Commit(!LocalFileSystem.Holds(_file.File));
    }

    /// <summary>Lets no more ranges in, and waits for those under way. True for the first who asks: the others are too late.</summary>
    internal bool TryGiveUp(bool keep)
    {
        lock (_gate)
        {
            if (_over)
                return false;
            _over = true;
            Monitor.PulseAll(_gate);
            while (_writers.Count > 0)
            {
                // In the middle of a range from a sender that may be gone: it is not waited for until it counts as silent.
                if (!Monitor.Wait(_gate, Patience))
                    _writers.ForEach(writer => writer.Abort());
            }
        }

        bool isEmpty = _received == 0 && (_begun == 0 || (_begun < 0 && _file.IsFresh));
        if (!keep || isEmpty)
            _file.Discard();
        return true;
    }

    public void Dispose()
    {
        _hash?.Dispose();
        _prefixHash?.Dispose();
        _finished?.File.Dispose();
        _file.Dispose();
        _directory.Dispose();
    }

    private static ResumePoint[] HashPoints(IncrementalHash hash, CopyEnd file, long present, long step, Action isWanted)
    {
        const long stretch = 64 * 1024 * 1024;
        List<ResumePoint> points = [];
        using ContentReader reader = new();
        for (long at = 0; at < present && points.Count < WireLimits.MostPoints;)
        {
            long end = points.Count == WireLimits.MostPoints - 1 ? present : Math.Min(present, at + step);
            while (at < end)
            {
                isWanted();
                long wanted = Math.Min(end, at + stretch);
                if (FollowingHash.Append(hash, reader, file, at, wanted) < wanted)
                    return [.. points];
                at = wanted;
            }

            points.Add(new(end, hash.GetCurrentHash()));
        }

        return [.. points];
    }

    /// <summary>
    /// Not for nothing: ext4 takes a file that is cut to nothing, though it was empty, for one that is written over, and puts all
    /// of it on the disk before close(2) returns (auto_da_alloc, ext4(5)).
    /// </summary>
    private void CutTo(long offset)
    {
        if (_file.Status.Length > offset)
            SystemCallException.Check(FileIO.Truncate(_file.File, offset), "ftruncate", Path);
    }

    private void SetUsualMode()
    {
        const uint readWrite = 0x1B6;
        _ = FileMetadata.SetMode(_file.File, readWrite & ~Owner.FileMask);
    }

    private bool IsComplete()
    {
        if (_over || _expected < 0 || _received < _expected || _writers.Count > 0)
            return false;
        if (_received > _expected)
            throw Violation.Of("more of a file came than was sent");
        _over = true;
        return true;
    }
}
