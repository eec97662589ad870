using MemTools.Native;

namespace MemTools.Kernel;

/// <summary>
/// Moves bytes between a file, pipe or socket and many places in memory, up to 1024 of them in a call, however short the
/// counts are that the kernel answers with.
/// </summary>
/// <remarks>
/// A peer that is gone is EPIPE or ECONNRESET: .NET ignores SIGPIPE. Where a request to stop is to be heeded, a descriptor
/// that blocks is polled first; a pipe or socket that is found writable takes a page without waiting, and no more is given.
/// </remarks>
internal sealed unsafe class VectorTransfer
{
    /// <summary>PIPE_BUF.</summary>
    private const long AtOnceWithoutWaiting = 4096;

    private readonly Descriptor _file;
    private readonly string _path;
    private readonly bool _isWrite;
    private readonly IoVector[] _parts;
    private readonly CancellationToken _stop;
    private readonly bool _polls;
    private int _next;

    /// <param name="file">What to read or write; it stays open.</param>
    /// <param name="path">What messages call it.</param>
    /// <param name="isWrite">The direction.</param>
    /// <param name="parts">Where the bytes are or go to, in their order. The transfer changes them.</param>
    /// <param name="stop">Ends it between two calls.</param>
    internal VectorTransfer(Descriptor file, string path, bool isWrite, IoVector[] parts, CancellationToken stop)
    {
        (_file, _path, _isWrite, _parts, _stop) = (file, path, isWrite, parts, stop);
        _polls = stop.CanBeCanceled && CanBlock(file);
        Skip(0);
    }

    /// <summary>Bytes so far.</summary>
    internal long Transferred { get; private set; }

    /// <summary>
    /// Transfers until at least so many bytes are through, or all, or there are no more to read.
    /// </summary>
    /// <param name="minimum">In bytes.</param>
    /// <param name="offset">Of the file; null for wherever it stands.</param>
    /// <exception cref="MemToolsException">A call failed; the message has the errno and how far it got.</exception>
    internal void Run(long minimum, long? offset)
    {
        while (_next < _parts.Length && Transferred < minimum)
        {
            _stop.ThrowIfCancellationRequested();
            if (_polls)
                Wait();
            long result = CallOnce(offset + Transferred);
            if (result == 0)
                return;
            if (KernelResult.ErrnoOf(result) == Errno.EAGAIN)
                Wait();
            else
                Skip(result > 0 ? result : throw Failure(KernelResult.ErrnoOf(result), offset));
        }
    }

    private long CallOnce(long? offset)
    {
        int count = Math.Min(_parts.Length - _next, VectorCalls.MaximumVectors);
        IoVector first = _parts[_next];
        if (_polls && _isWrite)
            (count, _parts[_next].Length) = (1, Math.Min(first.Length, (nuint)AtOnceWithoutWaiting));
        long returned;
        fixed (IoVector* parts = &_parts[_next])
        {
            do returned = Call(parts, count, offset);
            while (KernelResult.Interrupted(returned));
        }

        long result = KernelResult.Of(returned);
        _parts[_next] = first;
        return result;
    }

    private long Call(IoVector* parts, int count, long? offset) => (_isWrite, offset) switch
    {
        (true, null) => VectorCalls.Write(_file, parts, count),
        (true, long at) => VectorCalls.WriteAt(_file, parts, count, at),
        (false, null) => VectorCalls.Read(_file, parts, count),
        (false, long at) => VectorCalls.ReadAt(_file, parts, count, at),
    };

    /// <summary>What is done is taken off the parts; empty ones go too.</summary>
    private void Skip(long done)
    {
        Transferred += done;
        while (_next < _parts.Length && done >= (long)_parts[_next].Length)
            done -= (long)_parts[_next++].Length;
        if (_next == _parts.Length)
            return;
        _parts[_next].Address += (nint)done;
        _parts[_next].Length -= (nuint)done;
    }

    private void Wait()
    {
        if (_isWrite)
            Readiness.WaitToWrite(_file, _stop);
        else
            Readiness.WaitToRead(_file, _stop);
    }

    private static bool CanBlock(Descriptor file)
    {
        bool isFile = FileMetadata.Status(file, out Statx status) >= 0 && (status.IsRegular || status.IsBlockDevice);
        return !isFile && (FileIO.Flags(file) & OpenFlags.NonBlocking) == 0;
    }

    private MemToolsException Failure(Errno errno, long? offset)
    {
        string call = (offset is null ? string.Empty : "p") + (_isWrite ? "writev" : "readv");
        SystemCallException failure = new(call, errno, _path);
        return new(failure.Kind, $"{failure.Message}. {Transferred} bytes had been {(_isWrite ? "written" : "read")} before.", failure);
    }
}
