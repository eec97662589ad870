using MemTools.Tests.Support;

namespace MemTools.Tests.Faults;

/// <summary>Runs memtools copy under strace, to see its calls and to make chosen ones fail.</summary>
internal static class Tracer
{
    /// <summary>What a copy may call, and what the runtime calls seldom enough not to slow the test down.</summary>
    private const string Traced =
        "openat,statx,faccessat2,getdents64,flock,flistxattr,fgetxattr,fsetxattr,fremovexattr,ioctl,copy_file_range,"
        + "sendfile,splice,pipe2,read,pread64,write,pwrite64,mmap,madvise,munmap,lseek,ftruncate,fallocate,fadvise64,sync_file_range,"
        + "fsync,fchmod,fchown,utimensat,fstatfs,dup,close,linkat,renameat2,unlinkat,fcntl,poll";

    private static readonly Lazy<string?> LazyUnusable = new(FindUnusable);

    /// <summary>Skips a test where strace is missing or may not trace.</summary>
    internal static void SkipWhereUnusable() => Skip.If(LazyUnusable.Value is not null, LazyUnusable.Value);

    /// <summary>Copies, with injections as strace's -e inject takes them (<c>fsync:error=EIO:when=1</c>).</summary>
    /// <param name="folder">Gets the log.</param>
    /// <param name="injections">Which calls to tamper with.</param>
    /// <param name="arguments">The arguments of memtools copy.</param>
    internal static (ProcessResult Result, SystemCallLog Log) Copy(
        ProcessFolder folder, IEnumerable<string> injections, params string[] arguments) =>
        Run(folder, [], injections, arguments);

    /// <summary>As <see cref="Copy"/>, with tampering and logging limited to calls on the paths given.</summary>
    internal static (ProcessResult Result, SystemCallLog Log) CopyOn(
        ProcessFolder folder, string[] paths, IEnumerable<string> injections, params string[] arguments) =>
        Run(folder, paths.SelectMany(path => new[] { "-P", path }), injections, arguments);

    /// <summary>The words that start memtools under a strace that stops it after its first call of a name.</summary>
    internal static string[] CommandThatStopsAt(string log, string call) =>
    [
        // Without --seccomp-bpf, with which strace never sees a call return, and so injects no signals.
        "strace", "-f", "-o", log, "-e", "trace=" + call, "-e", $"inject={call}:signal=SIGSTOP:when=1", .. ProcessMemTools.Command,
    ];

    private static string[] Command(string log, IEnumerable<string> filters, IEnumerable<string> injections) =>
    [
        "strace", "-f", "--seccomp-bpf", "-y", "-s", "0", "-o", log, "-e", "trace=" + Traced,
        .. filters,
        .. injections.SelectMany(injection => new[] { "-e", "inject=" + injection }),
        .. ProcessMemTools.Command,
    ];

    private static (ProcessResult Result, SystemCallLog Log) Run(
        ProcessFolder folder, IEnumerable<string> filters, IEnumerable<string> injections, string[] arguments)
    {
        string log = folder["strace.log"];
        using ProcessRun run = ProcessRun.Start([.. Command(log, filters, injections), "copy", .. arguments]);
        ProcessResult result = run.Wait();
        return (result, SystemCallLog.Read(log));
    }

    private static string? FindUnusable()
    {
        try
        {
            ProcessResult result = ProcessRun.Execute(
                "strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=getcwd", "-e", "inject=getcwd:error=EIO", "true");
            return result.ExitCode == 0 ? null : $"strace cannot trace here: {result.Error}";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "strace is not installed.";
        }
    }
}
