using MemTools.Kernel;
using MemTools.Memory;
using MemTools.Native;
using MemTools.Transfer;

namespace MemTools.Experiments.CopyMethods;

/// <summary>The input of a comparison: an open file, put into the state of the page cache that was asked for.</summary>
internal sealed class ComparedSource : IDisposable
{
    private const int BufferSize = 1024 * 1024;

    private readonly Descriptor _file;
    private readonly NativePath _path;
    private readonly SourceCache _cache;
    private SourceState? _warm;
    private long? _after;

    private ComparedSource(Descriptor file, NativePath path, long length, SourceCache cache)
    {
        _file = file;
        _path = path;
        _cache = cache;
        Length = length;
    }

    internal string Path => _path.ToString();

    internal long Length { get; }

    internal CopyEnd End => new(_file, _path, HasPositions: true, CanBeCut: false);

    internal long? CachedBytes => CacheResidency.Of(_file, Length)?.CachedBytes;

    /// <exception cref="SystemCallException">The file cannot be opened.</exception>
    /// <exception cref="MemToolsException">It is no regular file, or it is empty.</exception>
    internal static ComparedSource Open(string path, SourceCache cache)
    {
        const int flags = OpenFlags.ReadOnly | OpenFlags.NonBlocking | OpenFlags.NoTerminal;
        NativePath native = NativePath.From(path);
        Descriptor file = FileIO.Open(Descriptor.WorkingDirectory, native, flags);
        try
        {
            Statx status = FileMetadata.StatusOf(file, native);
            if (status.IsDirectory)
                throw new MemToolsException(ErrorKind.IsDirectory, $"'{path}' is a directory; a comparison moves one regular file.");
            if (!status.IsRegular || status.Length == 0)
                throw new MemToolsException(ErrorKind.Misuse, $"'{path}' is empty or no regular file; a comparison moves a file that has content.");
            return new(file, native, status.Length, cache);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Makes the pages warm or cold. Warm they are made once: counting a gigabyte of pages costs the processor as much as
    /// a tenth of a copy, and nothing drops them between the runs.
    /// </summary>
    internal SourceState Prepare(CancellationToken stop)
    {
        if (_cache == SourceCache.Cold)
            return Drop();
        if (_warm is { } known)
            return known;
        long? cached = CachedBytes;
        if (cached != Length)
        {
            ReadAll(stop);
            cached = CachedBytes;
        }

        _warm = new SourceState(Dropped: null, cached, CachedAfter: null);
        return _warm.Value;
    }

    /// <summary>What a run of a cold source left there; null for a warm one, whose pages stay what they were.</summary>
    internal long? CachedBytesAfterRun => _cache == SourceCache.Cold ? CachedBytes : null;

    /// <summary>What is there now, counted once.</summary>
    internal long? CachedBytesAfterAll => _after ??= CachedBytes;

    public void Dispose() => _file.Dispose();

    /// <summary>Only clean pages can be dropped, so what is still to be written is written first.</summary>
    private SourceState Drop()
    {
        long? before = CachedBytes;
        SystemCallException.Check(FileIO.Sync(_file), "fsync", _path);
        FileIO.DropCache(_file, 0, 0);
        long? left = CachedBytes;
        return new(before - left, left, CachedAfter: null);
    }

    private void ReadAll(CancellationToken stop)
    {
        using Mapping buffer = Mapping.Memory(BufferSize);
        long offset = 0;
        while (offset < Length)
        {
            stop.ThrowIfCancellationRequested();
            long read = SystemCallException.Check(FileIO.ReadAt(_file, buffer.Address, BufferSize, offset), "pread", _path);
            if (read == 0)
                return;
            offset += read;
        }
    }
}
