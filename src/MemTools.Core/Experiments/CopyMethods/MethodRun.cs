using System.Diagnostics;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer;
using MemTools.Transfer.Methods;

namespace MemTools.Experiments.CopyMethods;

/// <summary>One method of a comparison, with the samples of its runs, or the reason why it has none.</summary>
internal sealed class MethodRun(ComparedMethod method) : IDisposable
{
    private readonly ICopyMethod _copier = MethodChain.Create(Enum.Parse<CopyMethod>(method.ToString()));

    internal ComparedMethod Method => method;

    internal List<MethodSample> Samples { get; } = [];

    /// <summary>The call that refused the method, or <c>default</c>.</summary>
    internal CallFailure Refused { get; private set; }

    /// <summary>Why the method is not possible, in a sentence without the full stop.</summary>
    internal string Reason => Refused.Reason ?? Refusals.Explain(_copier.Kind, Refused.Errno);

    /// <summary>Rules a method out that the target cannot take, without a call.</summary>
    internal bool Suits(ComparisonTarget target)
    {
        bool needsFile = method is ComparedMethod.CopyFileRange or ComparedMethod.DirectIO or ComparedMethod.Reflink;
        if (target == ComparisonTarget.File || !needsFile)
            return true;
        string place = target == ComparisonTarget.Socket ? "a socket" : "/dev/null";
        Refused = new(_copier.Kind.ToString(), Errno.EINVAL, CallSubject.Destination, $"it copies from file to file, and {place} is none");
        return false;
    }

    /// <summary>
    /// Copies the source once and keeps what that took; false where the method is refused. The rest of the process
    /// does nothing meanwhile but drain the socket.
    /// </summary>
    /// <param name="source">What is copied.</param>
    /// <param name="target">Where to; no other run has used it.</param>
    /// <param name="isLast">Whether to look afterwards at what the page cache holds, which is not free of cost.</param>
    /// <param name="progress">Told of each piece.</param>
    /// <param name="stop">Ends the run.</param>
    /// <exception cref="SystemCallException">The copy failed for a reason other than the method.</exception>
    internal bool TryRun(
        ComparedSource source, IRunTarget target, bool isLast, Action<TransferProgress>? progress, CancellationToken stop)
    {
        SourceState state = source.Prepare(stop);
        RoundCounter rounds = new();
        CopyJob job = new(source.End, target.End, new PieceSize(), progress, stop)
        {
            WholeFile = true,
            Total = source.Length,
            Observers = [rounds],
        };
        bool watched = OwnMemory.TryForgetPeak();
        ThreadUsage before = ThreadUsage.Now();
        long started = Stopwatch.GetTimestamp();
        CopyRun run = new(0, 0, source.Length);
        CallFailure failure = _copier.Copy(job, ref run);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        ThreadUsage usage = ThreadUsage.Now() - before + job.OtherThreads;
        if (failure.Failed)
            return Refuse(failure, source, target);
        CheckArrived(source, job, target.Finish(job.BytesTransferred));
        Samples.Add(new(
            elapsed,
            usage,
            job.SystemCalls,
            rounds.Count,
            source.Length,
            watched ? OwnMemory.Resident().Peak : null,
            isLast ? state with { CachedAfter = source.CachedBytesAfterRun } : state,
            isLast ? target.Residency(source.Length) : null));
        return true;
    }

    public void Dispose() => _copier.Dispose();

    private bool Refuse(CallFailure failure, ComparedSource source, IRunTarget target)
    {
        if (!_copier.IsRefusal(failure.Errno))
        {
            string subject = failure.Subject == CallSubject.Source ? source.Path : target.End.Path.ToString();
            throw new SystemCallException(failure.Call!, failure.Errno, subject);
        }

        Refused = failure;
        return false;
    }

    private void CheckArrived(ComparedSource source, CopyJob job, long arrived)
    {
        if (job.BytesTransferred < source.Length)
        {
            throw new TransferException(
                ErrorKind.SourceTruncated,
                $"'{source.Path}' became shorter while it was read: {job.BytesTransferred} of {source.Length} bytes were there.");
        }

        if (arrived != source.Length)
        {
            throw new TransferException(
                ErrorKind.Disconnected, $"{method} sent {source.Length} bytes over lo, and {arrived} arrived.");
        }
    }

    /// <summary>Counts the pieces.</summary>
    private sealed class RoundCounter : IPieceObserver
    {
        internal long Count { get; private set; }

        public void Copied(CopyJob job, long sourceOffset, long destinationOffset, long length, ReadOnlySpan<byte> content) =>
            Count++;

        public void Hole(long length)
        {
        }
    }
}
