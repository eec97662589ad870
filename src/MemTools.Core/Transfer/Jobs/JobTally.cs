using System.Diagnostics;
using System.Runtime.CompilerServices;
using MemTools.Kernel;

namespace MemTools.Transfer.Jobs;

/// <summary>Adds up what became of a job's items. Skipped items and retries are counted from any thread.</summary>
internal sealed class JobTally
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly List<JobFailure> _failures = [];
    private long _skipped;
    private long _refreshed;
    private long _retries;
    private long _failed;
    private long _files;
    private long _directories;
    private long _removed;
    private long _bytes;
    private long _bytesTransferred;
    private long _bytesResumed;
    private long _calls;
    private TimeSpan _userTime;
    private TimeSpan _kernelTime;
    private long _voluntary;
    private long _involuntary;
    private long _minorFaults;
    private long _majorFaults;

    internal long Failed => _failed;

    internal void Skip() => Interlocked.Increment(ref _skipped);

    internal void Refresh() => Interlocked.Increment(ref _refreshed);

    internal void Retry() => Interlocked.Increment(ref _retries);

    internal void Remove() => _removed++;

    internal JobFailure Fail(string path, byte[]? pathBytes, TransferException error)
    {
        JobFailure failure = new(path, pathBytes, error.Kind.ToString(), error.ErrorName, error.Message);
        _failed++;
        if (_failures.Count < FileTransferJobResult.MostFailures)
            _failures.Add(failure);
        return failure;
    }

    [MethodImpl(Compilation.AtOnce)]
    internal void Add(FileTransferResult result)
    {
        if (result.ItemType == "Directory")
        {
            _directories++;
            return;
        }

        _files++;
        _bytes += result.Length;
        _bytesTransferred += result.BytesTransferred;
        _bytesResumed += result.BytesResumed;
        _calls += result.SystemCalls;
        _userTime += result.UserTime;
        _kernelTime += result.KernelTime;
        _voluntary += result.VoluntarySwitches;
        _involuntary += result.InvoluntarySwitches;
        _minorFaults += result.MinorFaults;
        _majorFaults += result.MajorFaults;
    }

    internal FileTransferJobResult Result(string source, string destination) => new()
    {
        Source = source,
        Destination = destination,
        Files = _files,
        Directories = _directories,
        Bytes = _bytes,
        BytesTransferred = _bytesTransferred,
        BytesResumed = _bytesResumed,
        Skipped = _skipped,
        Refreshed = _refreshed,
        Failed = _failed,
        Removed = _removed,
        Retries = _retries,
        Elapsed = Stopwatch.GetElapsedTime(_started),
        UserTime = _userTime,
        KernelTime = _kernelTime,
        SystemCalls = _calls,
        VoluntarySwitches = _voluntary,
        InvoluntarySwitches = _involuntary,
        MinorFaults = _minorFaults,
        MajorFaults = _majorFaults,
        Failures = _failures.Count == 0 ? ResultList<JobFailure>.None : new(_failures),
    };
}
