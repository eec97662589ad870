using MemTools.Kernel;
using MemTools.Transfer.Methods;

namespace MemTools.Transfer.Network.Moving;

/// <summary>
/// Moves bytes between files and streams: one thread's methods with their pipes and buffers, kept from file to file. It
/// knows no protocol. Not for several threads.
/// </summary>
internal sealed class StreamMover : IDisposable
{
    private readonly MethodChain _chain;
    private readonly string _methodsThatWork;
    private CopyJob? _job;
    private MethodChain.Attempt? _attempt;

    private StreamMover(CopyMethod method, CopyMethod[] autoOrder)
    {
        _chain = new(method, autoOrder);
        _methodsThatWork = string.Join(", ", autoOrder);
    }

    /// <summary>The method that the last move used; null before the first.</summary>
    internal CopyMethod? Method { get; private set; }

    /// <summary>The methods that Auto passed over for the current job.</summary>
    internal ResultList<Refusal> Refused => _attempt?.Refused ?? ResultList<Refusal>.None;

    /// <summary>For what goes into a stream.</summary>
    /// <param name="method">Auto, Sendfile, Splice, Mmap or ReadWrite.</param>
    internal static StreamMover ForSending(CopyMethod method) => new(method, StreamMethods.Sending);

    /// <summary>For what comes out of a stream.</summary>
    /// <param name="method">Auto, Splice or ReadWrite.</param>
    internal static StreamMover ForReceiving(CopyMethod method) => new(method, StreamMethods.Receiving);

    /// <summary>
    /// Moves a run to its end: all of it, or as far as the source goes (<see cref="CopyRun.SourceEnded"/>), which is for
    /// the caller to judge. After an exception bytes may be lost between the ends, so that a stream is out of step.
    /// </summary>
    /// <param name="job">Both ends. What was refused is remembered as long as it is the same job.</param>
    /// <param name="run">What to move.</param>
    /// <exception cref="TransferException">A call failed, or an end kept still for longer than it may.</exception>
    /// <exception cref="OperationCanceledException">The job was stopped.</exception>
    internal void Move(CopyJob job, ref CopyRun run)
    {
        if (!ReferenceEquals(job, _job))
            (_job, _attempt) = (job, _chain.Begin());
        while (!run.Done)
        {
            CallFailure failure = _attempt!.Current.Copy(job, ref run);
            Method = _attempt.Current.Kind;
            if (failure.Failed)
                GoOnAfter(failure, job);
        }
    }

    public void Dispose() => _chain.Dispose();

    private void GoOnAfter(CallFailure failure, CopyJob job)
    {
        if (!_attempt!.Current.IsRefusal(failure.Errno))
            throw job.Failed(failure);
        if (!_attempt.Refuse(failure))
            throw MethodNotPossible(failure, job);
    }

    private TransferException MethodNotPossible(CallFailure failure, CopyJob job)
    {
        Refusal last = _attempt!.Refused[^1];
        return new(
            ErrorKind.MethodNotPossible,
            $"{last.Method} cannot move '{job.Source.Path}' to '{job.Destination.Path}': {last.Call}: {last.ErrorName}: {last.Reason}. Auto takes the first that works of {_methodsThatWork}.",
            new SystemCallException(failure.Call!, failure.Errno, job.Subject(failure)));
    }
}
