using MemTools.Tests.Support;

namespace MemTools.Tests.Faults;

/// <summary>
/// A copy that strace stops when it locks its temporary: the source is open and measured, and nothing has been copied.
/// It goes on when told to.
/// </summary>
internal sealed class StoppedCopy : IDisposable
{
    private const int SourceLength = 3_000_000;

    private readonly ProcessRun _run;
    private readonly string _log;
    private readonly string _target;
    private readonly string _oldHash;

    internal StoppedCopy(ProcessFolder folder, string method, params string[] options)
    {
        Tracer.SkipWhereUnusable();
        _target = folder.MakeFolder("out");
        Source = folder.Write("source", SourceLength, seed: 1);
        Destination = folder.Write("out/destination", 1000, seed: 2);
        _oldHash = ProcessFolder.Hash(Destination);
        _log = folder["strace.log"];
        _run = ProcessRun.Start([.. Tracer.CommandThatStopsAt(_log, "flock"), "copy", "--json", "--method", method, .. options, Source, Destination]);
        Assert.True(_run.WaitUntil(() => StoppedProcess() is not null));
    }

    internal string Source { get; }

    internal string Destination { get; }

    internal bool DestinationIsOld =>
        ProcessFolder.Hash(Destination) == _oldHash && ProcessFolder.Temporaries(_target).Length == 0;

    internal ProcessResult GoOn()
    {
        ProcessRun.Require("kill", "-CONT", StoppedProcess()!);
        return _run.Wait();
    }

    public void Dispose() => _run.Dispose();

    /// <summary>The process, once strace has written that it stopped.</summary>
    private string? StoppedProcess() => File.Exists(_log)
        ? File.ReadLines(_log).FirstOrDefault(line => line.Contains("--- stopped by SIGSTOP ---", StringComparison.Ordinal))?.Split(' ')[0]
        : null;
}
