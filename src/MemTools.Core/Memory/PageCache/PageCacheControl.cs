using System.Diagnostics;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>Brings a part of a file into the page cache, or takes it out.</summary>
internal sealed class PageCacheControl
{
    /// <summary>Done at a time, so that a request to stop is seen in between.</summary>
    private const long Piece = 8 * 1024 * 1024;

    private readonly PageCacheAction _action;
    private readonly long _offset;
    private readonly long? _length;
    private readonly CancellationToken _stop;

    internal PageCacheControl(PageCacheAction action, long offset, long? length, CancellationToken stop)
    {
        _action = action;
        _offset = offset;
        _length = length;
        _stop = stop;
    }

    /// <summary>Told of each piece of a file: how many of how many bytes are done. By the thread that does them.</summary>
    internal Action<NativePath, long, long>? Progress { get; init; }

    internal PageCacheChange Apply(CachedFile file)
    {
        Stopwatch watch = Stopwatch.StartNew();
        if (_offset > file.Length)
            throw new MemToolsException(ErrorKind.Misuse, $"-Offset {_offset} lies past the end of '{file.Path}', which has {file.Length} bytes.");
        long length = Math.Min(_length ?? long.MaxValue, file.Length - _offset);
        // Whole pages: posix_fadvise(2) leaves alone what it would have to cut.
        long start = _offset - (_offset % Environment.SystemPageSize);
        long whole = _offset + length - start;
        (long? residentBefore, long? dirtyBefore) = Count(file, start, whole);
        if (_action == PageCacheAction.Load)
            Load(file, start, whole);
        else
            Evict(file, start, whole);
        return new()
        {
            Path = file.Path.ToString(),
            Action = _action.ToString(),
            Offset = _offset,
            Length = length,
            Pages = CachedFile.PagesOf(whole),
            ResidentPagesBefore = residentBefore,
            DirtyPagesBefore = dirtyBefore,
            ResidentPagesAfter = Count(file, start, whole).Resident,
            Elapsed = watch.Elapsed,
        };
    }

    private static (long? Resident, long? Dirty) Count(CachedFile file, long start, long length)
    {
        if (length == 0)
            return (0, 0);
        return PageCacheReader.TryCount(file, start, length, out CacheStatus status)
            ? (status.Cached, status.Dirty)
            : (PageMapping.Of(file, start, length)?.Resident, null);
    }

    /// <summary>readahead(2) keeps the disk busy with the next piece while this one is waited for.</summary>
    private void Load(CachedFile file, long start, long length)
    {
        long end = start + length;
        ReadAhead(file, start, end);
        for (long at = start; at < end; at += Piece)
        {
            _stop.ThrowIfCancellationRequested();
            ReadAhead(file, at + Piece, end);
            Wait(file, at, Math.Min(Piece, end - at));
            Progress?.Invoke(file.Path, Math.Min(at + Piece, end) - start, length);
        }
    }

    private static void ReadAhead(CachedFile file, long start, long end)
    {
        if (start >= end)
            return;
        long result = FileIO.ReadAhead(file.File, start, Math.Min(Piece, end - start));
        // EINVAL: a file system without; loading does it all then.
        if (KernelResult.ErrnoOf(result) is not (Errno.EINVAL or Errno.ENOSYS or Errno.EOPNOTSUPP))
            SystemCallException.Check(result, "readahead", file.Path);
    }

    private void Wait(CachedFile file, long start, long length)
    {
        long mapped = Mapping.TryMapFile(file.File, start, length, out Mapping? mapping);
        SystemCallException.Check(mapped, "mmap", file.Path);
        using (mapping)
        {
            long result = PageLoading.Load(mapping!, 0, length, out _, _stop);
            // EFAULT does not say why a page could not be had: read(2) does.
            if (KernelResult.ErrnoOf(result) == Errno.EFAULT)
                ReadThrough(file, start, length);
            else
                SystemCallException.Check(result, "madvise", file.Path);
        }
    }

    private static void ReadThrough(CachedFile file, long start, long length)
    {
        using Mapping buffer = Mapping.Memory((int)length);
        for (long done = 0; done < length;)
        {
            long read = SystemCallException.Check(FileIO.ReadAt(file.File, buffer.Address, length - done, start + done), "pread", file.Path);
            if (read == 0)
                throw new MemToolsException(ErrorKind.FileTruncated, $"'{file.Path}' was cut to {start + done} bytes while it was loaded.");
            done += read;
        }
    }

    /// <summary>The kernel drops clean pages only: whatever cannot be written stays.</summary>
    private void Evict(CachedFile file, long start, long length)
    {
        if (CacheStatus.HasOtherPages(file.File))
            SystemCallException.Check(FileIO.Sync(file.File), "fsync", file.Path);
        for (long done = 0; done < length; done += Piece)
        {
            _stop.ThrowIfCancellationRequested();
            long piece = Math.Min(Piece, length - done);
            WriteBack(file, start + done, piece);
            Drop(file, start + done, piece);
            Progress?.Invoke(file.Path, done + piece, length);
        }

        // A large folio that lies across two pieces was dirty when the first was dropped.
        Drop(file, start, length);
    }

    private static void WriteBack(CachedFile file, long start, long length)
    {
        long result = FileIO.WriteBack(file.File, start, length, wait: true);
        if (KernelResult.ErrnoOf(result) is Errno.ESPIPE or Errno.ENOSYS or Errno.EOPNOTSUPP or Errno.EINVAL)
            SystemCallException.Check(FileIO.Sync(file.File), "fsync", file.Path);
        else
            SystemCallException.Check(result, "sync_file_range", file.Path);
    }

    private static void Drop(CachedFile file, long start, long length)
    {
        // The last page may be cut off by the end of the file; it is taken whole.
        long whole = CachedFile.PagesOf(length) * Environment.SystemPageSize;
        int error = FileCalls.Advise(file.File, start, whole, FileCalls.AdviseDontNeed);
        SystemCallException.Check(-error, "posix_fadvise", file.Path);
    }
}
