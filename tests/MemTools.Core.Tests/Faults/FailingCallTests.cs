using MemTools.Tests.Support;

namespace MemTools.Tests.Faults;

/// <summary>
/// Every call of a copy made to fail in turn, by strace. Which calls there are is read from a copy that nothing
/// disturbs, so that a call added later is made to fail too.
/// </summary>
public sealed class FailingCallTests
{
    /// <summary>On a busy machine the runtime's own calls come in another order nearly each time.</summary>
    private const int MostAims = 12;

    private static readonly string[] TransferCalls =
        ["ioctl", "copy_file_range", "sendfile", "splice", "pipe2", "pread64", "pwrite64", "mmap", "lseek", "ftruncate"];

    [SkippableTheory]
    [InlineData("EIO", true)]
    [InlineData("EIO", false)]
    [InlineData("ENOSPC", true)]
    [InlineData("ENOSPC", false)]
    [InlineData("EINTR", true)]
    [InlineData("EINTR", false)]
    public void EachCallOfAnAutomaticCopyMayFail(string errno, bool existing)
    {
        Tracer.SkipWhereUnusable();
        using FaultScene scene = new(existing);
        Check(scene, errno, _ => true, "--flush", "--json");
    }

    [SkippableTheory]
    [InlineData("Sendfile")]
    [InlineData("Splice")]
    [InlineData("Mmap")]
    [InlineData("ReadWrite")]
    [InlineData("DirectIO")]
    public void EachTransferCallOfAMethodMayFail(string method)
    {
        Tracer.SkipWhereUnusable();
        using FaultScene scene = new(existing: true, ProcessMethods.ParentFor(method));
        foreach (string errno in (string[])["EIO", "ENOSPC", "EINTR"])
        {
            Check(
                scene,
                errno,
                call => ProcessRepeats.EveryMethodInFull || TransferCalls.Contains(call.Name),
                "--method",
                method,
                "--json");
        }
    }

    [SkippableTheory]
    [InlineData("Sha256")]
    [InlineData("Compare")]
    public void EachReadOfAVerificationMayFail(string verify)
    {
        Tracer.SkipWhereUnusable();
        using FaultScene scene = new(existing: true);
        Check(scene, "EIO", call => call.Name is "pread64" or "fsync", "--verify", verify, "--json");
    }

    [SkippableFact]
    public void ATemporaryThatCannotBeRemovedIsRemovedByTheNextCopy()
    {
        Tracer.SkipWhereUnusable();
        using FaultScene scene = new(existing: true);
        (ProcessResult result, SystemCallLog log) = scene.Copy(["copy_file_range:error=EIO", "unlinkat:error=EIO"]);
        Assert.Contains(log.Injected, call => call.Name == "unlinkat");
        Assert.Equal(1, result.ExitCode);
        Assert.True(scene.IsOld);
        Assert.Single(scene.Temporaries);

        ProcessResult next = ProcessMemTools.Copy(scene.Source, scene.Destination);
        Assert.Equal(0, next.ExitCode);
        Assert.True(scene.IsNew);
        Assert.Empty(scene.Temporaries);
    }

    private static void Check(FaultScene scene, string errno, Func<TracedCall, bool> chosen, params string[] options)
    {
        IReadOnlyList<TracedCall> all = scene.CallsOf(options);
        TracedCall[] calls = [.. all.Where(call => chosen(call) && Applies(call, errno))];
        Assert.NotEmpty(calls);
        List<string> wrong = [];
        foreach (TracedCall call in calls)
        {
            FaultExpectation expected = errno == "EINTR" ? FaultExpectation.Copes : FaultExpectations.Of(call, all);
            if (Violation(scene, call, errno, expected, options) is { } violation)
                wrong.Add($"{errno} at {call}: {violation}");
        }

        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong));
    }

    private static bool Applies(TracedCall call, string errno) => errno switch
    {
        "EINTR" => FaultExpectations.IsInterruptible(call),
        "ENOSPC" => FaultExpectations.TakesSpace(call),
        _ => true,
    };

    private static string? Violation(
        FaultScene scene, TracedCall call, string errno, FaultExpectation expected, string[] options)
    {
        // Close and open are called by the runtime too, not always equally often: aimed again where another was hit.
        for (int aim = 0; aim < MostAims; aim++)
        {
            (ProcessResult result, SystemCallLog log) = Inject(scene, call, errno, options);
            if (log.Injected.Any(hit => hit.IsSameAs(call)))
                return Judge(scene, call, errno, expected, result);
        }

        return "never hit";
    }

    private static (ProcessResult Result, SystemCallLog Log) Inject(FaultScene scene, TracedCall call, string errno, string[] options)
    {
        string injection = $"{call.Name}:error={errno}:when={call.Number}";
        // strace counts for each thread apart: the reader of DirectIO is told from the others by what it reads.
        return call.Name == "pread64" && options.Contains("DirectIO")
            ? scene.CopyTamperingWithSource([injection], options)
            : scene.Copy([injection], options);
    }

    private static string? Judge(FaultScene scene, TracedCall call, string errno, FaultExpectation expected, ProcessResult result)
    {
        bool succeeds = expected is FaultExpectation.Copes or FaultExpectation.Warns;
        bool shallBeNew = expected != FaultExpectation.Fails;
        string named = $"{FaultExpectations.NameInMessages(call)}: {errno}";
        if (result.ExitCode != (succeeds ? 0 : 1))
            return $"expected: {expected}; {result}";
        if (shallBeNew ? !scene.IsNew : !scene.IsOld)
            return $"the destination is not the {(shallBeNew ? "new" : "old")} file; {result}";
        if (scene.Temporaries.Length > 0)
            return $"left {string.Join(", ", scene.Temporaries)}; {result}";
        if (expected != FaultExpectation.Copes && !result.Error.Contains(named, StringComparison.Ordinal))
            return $"no message says {named}; {result}";
        if (shallBeNew && result.Error.Contains("as it was", StringComparison.Ordinal))
            return $"the message is not true; {result}";
        return null;
    }
}
