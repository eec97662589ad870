using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace MemTools.Transfer.Trees;

/// <summary>Counts of a run, added to by its workers.</summary>
internal sealed class TreeTotals : IPieceObserver
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private volatile All? _all;
    private long _filesFound;
    private long _bytesFound;
    private long _filesDone;
    private long _bytesDone;

    /// <summary>A file under way.</summary>
    internal Func<string?> CurrentFile { get; set; } = () => null;

    internal TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    internal TreeProgress Snapshot() => new(
        _all is { } all ? all.Files : Volatile.Read(ref _filesFound),
        _all is { } whole ? whole.Bytes : Volatile.Read(ref _bytesFound),
        Volatile.Read(ref _filesDone),
        Volatile.Read(ref _bytesDone),
        _all is not null,
        Elapsed,
        CurrentFile());

    /// <summary>Takes note of how much there is in all.</summary>
    internal void SetAll(long files, long bytes) => _all = new(files, bytes);

    internal void Found(long files, long bytes)
    {
        Interlocked.Add(ref _filesFound, files);
        Interlocked.Add(ref _bytesFound, bytes);
    }

    [MethodImpl(Compilation.AtOnce)]
    internal void Done(long files, long bytes)
    {
        Interlocked.Add(ref _filesDone, files);
        Interlocked.Add(ref _bytesDone, bytes);
    }

    [MethodImpl(Compilation.AtOnce)]
    public void Copied(CopyJob job, long sourceOffset, long destinationOffset, long length, ReadOnlySpan<byte> content) =>
        Interlocked.Add(ref _bytesDone, length);

    public void Hole(long length) => Interlocked.Add(ref _bytesDone, length);

    /// <summary>What there is in all; never changed, so that any thread may read it.</summary>
    private sealed record All(long Files, long Bytes);
}
