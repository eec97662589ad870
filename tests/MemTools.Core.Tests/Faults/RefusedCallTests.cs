using MemTools.Tests.Support;

namespace MemTools.Tests.Faults;

/// <summary>Calls that a kernel, a file system or a policy refuses, made so by strace.</summary>
public sealed class RefusedCallTests
{
    private static readonly (string Call, string Method)[] AutoOrder =
    [
        ("ioctl", "Reflink"), ("copy_file_range", "CopyFileRange"), ("sendfile", "Sendfile"), ("splice", "Splice"),
    ];

    [SkippableTheory]
    [InlineData("ENOSYS", 4, "ReadWrite")]
    [InlineData("EXDEV", 2, "Sendfile")]
    [InlineData("EOPNOTSUPP", 2, "Sendfile")]
    [InlineData("EPERM", 2, "Sendfile")]
    [InlineData("EINVAL", 3, "Splice")]
    [InlineData("EINVAL", 4, "ReadWrite")]
    public void AutoGoesOnToTheNextMethodAndSaysWhy(string errno, int refused, string used)
    {
        Tracer.SkipWhereUnusable();
        using FaultScene scene = new(existing: true);
        (string Call, string Method)[] refusing = AutoOrder[..refused];
        (ProcessResult result, _) = scene.Copy(refusing.Select(item => $"{item.Call}:error={errno}"), "--json");

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.True(scene.IsNew);
        ProcessReport report = ProcessReport.Of(result);
        Assert.Equal(used, report.Method);
        Assert.Equal(refusing.Select(item => $"{item.Method}:{errno}"), report.Refused);
    }

    [SkippableFact]
    public void AutoGoesOnWhereTheLastMethodStopped()
    {
        Tracer.SkipWhereUnusable();
        using FaultScene scene = new(existing: true);
        (ProcessResult result, SystemCallLog log) = scene.Copy(["copy_file_range:error=EXDEV:when=2"], "--json");

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.True(scene.IsNew);
        Assert.Equal("Sendfile", ProcessReport.Of(result).Method);
        TracedCall next = log.Calls.First(call => call.Name == "sendfile");
        Assert.DoesNotContain("[0]", next.Arguments, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("Reflink", "ioctl")]
    [InlineData("CopyFileRange", "copy_file_range")]
    [InlineData("Sendfile", "sendfile")]
    [InlineData("Splice", "splice")]
    [InlineData("Mmap", "mmap")]
    public void AMethodAskedForByNameIsNeverReplaced(string method, string call)
    {
        Tracer.SkipWhereUnusable();
        using FaultScene scene = new(existing: true);
        scene.Reset();
        string[] arguments = ["--method", method, "--json", scene.Source, scene.Destination];
        string injection = $"{call}:error=ENOSYS";
        // All of the runtime's own mappings would fail too.
        (ProcessResult result, _) = call == "mmap"
            ? Tracer.CopyOn(scene.Folder, [scene.Source], [injection], arguments)
            : Tracer.Copy(scene.Folder, [injection], arguments);

        Assert.Equal(1, result.ExitCode);
        Assert.True(scene.IsOld);
        Assert.Empty(scene.Temporaries);
        ProcessReport report = ProcessReport.Of(result);
        Assert.Equal("MethodNotPossible", report.ErrorId);
        Assert.Equal("ENOSYS", report.ErrorName);
        Assert.Contains("Methods that would work: ", report.Message, StringComparison.Ordinal);
        Assert.Contains("ReadWrite", report.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void AFileSystemThatDoesNotKnowItsHolesIsReadWhole()
    {
        Tracer.SkipWhereUnusable();
        using FaultScene scene = new(existing: true);
        (ProcessResult result, _) = scene.Copy(["lseek:error=EINVAL"], "--json");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.True(scene.IsNew);
    }

    [SkippableFact]
    public void AFileSystemWithoutNamelessFilesGetsANamedTemporary()
    {
        Tracer.SkipWhereUnusable();
        using FaultScene scene = new(existing: false);
        TracedCall nameless = scene.CallsOf().First(call => call.Mentions("O_TMPFILE"));
        (ProcessResult result, SystemCallLog log) = scene.Copy([$"openat:error=EOPNOTSUPP:when={nameless.Number}"]);
        Assert.Contains(log.Injected, call => call.Mentions("O_TMPFILE"));
        Assert.Contains(log.Calls, call => call.Name == "openat" && call.Mentions(".memtools-"));
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.True(scene.IsNew);
        Assert.Empty(scene.Temporaries);
    }

    [SkippableTheory]
    [InlineData("ENOENT")]
    [InlineData("EEXIST")]
    public void ANamelessFileThatCannotBeLinkedAtOnceStillGetsItsName(string errno)
    {
        Tracer.SkipWhereUnusable();
        using FaultScene scene = new(existing: false);
        (ProcessResult result, SystemCallLog log) = scene.Copy([$"linkat:error={errno}:when=1"]);
        Assert.Single(log.Injected);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.True(scene.IsNew);
        Assert.Empty(scene.Temporaries);
    }

    [SkippableFact]
    public void RenamingWithoutReplacingFallsBackToLinking()
    {
        Tracer.SkipWhereUnusable();
        using FaultScene scene = new(existing: false);
        TracedCall nameless = scene.CallsOf().First(call => call.Mentions("O_TMPFILE"));
        (ProcessResult result, SystemCallLog log) = scene.Copy(
            [$"openat:error=EOPNOTSUPP:when={nameless.Number}", "renameat2:error=EINVAL"], "--no-clobber");
        Assert.Contains(log.Injected, call => call.Name == "renameat2");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.True(scene.IsNew);
        Assert.Empty(scene.Temporaries);
    }

    [SkippableFact]
    public void AFileSystemWithoutLocksIsCopiedToAllTheSame()
    {
        Tracer.SkipWhereUnusable();
        using FaultScene scene = new(existing: true);
        (ProcessResult result, SystemCallLog log) = scene.Copy(["flock:error=ENOLCK"]);
        Assert.NotEmpty(log.Injected);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.True(scene.IsNew);
        Assert.Empty(scene.Temporaries);
    }

    [SkippableTheory]
    [InlineData("Mmap", "in/source")]
    [InlineData("ReadWrite", "")]
    public void MemoryThatRunsOutIsAnError(string method, string on)
    {
        Tracer.SkipWhereUnusable();
        using FaultScene scene = new(existing: true);
        IReadOnlyList<TracedCall> mappings = scene.MappingsAfterOpening("--method", method);
        TracedCall mapping = mappings.First(call => call.Mentions(on.Length > 0 ? on : "262144, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS"));
        (ProcessResult result, SystemCallLog log) = on.Length > 0
            ? scene.CopyTamperingWithSource(["mmap:error=ENOMEM"], "--method", method, "--json")
            : scene.Copy([$"mmap:error=ENOMEM:when={mapping.Number}"], "--method", method, "--json");
        Skip.If(log.Injected.All(call => !call.Mentions(on.Length > 0 ? on : "262144")), "The runtime mapped in another order this time.");
        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.Contains("mmap: ENOMEM", result.Error, StringComparison.Ordinal);
        Assert.Equal("OutOfMemory", ProcessReport.Of(result).ErrorId);
        Assert.True(scene.IsOld);
        Assert.Empty(scene.Temporaries);
    }
}
