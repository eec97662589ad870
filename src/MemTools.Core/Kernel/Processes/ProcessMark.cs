namespace MemTools.Kernel;

/// <summary>
/// A process for good: its id and when it started, since ids are used again. It means something only to processes in the
/// same PID namespace.
/// </summary>
/// <param name="Id">Its id.</param>
/// <param name="StartTime">In clock ticks since boot (proc_pid_stat(5)).</param>
internal readonly record struct ProcessMark(int Id, ulong StartTime)
{
    private static readonly Lazy<ProcessMark> Own = new(() => Of(Environment.ProcessId) ?? throw NoProc());

    /// <summary>This process.</summary>
    /// <exception cref="MemToolsException">/proc is not mounted.</exception>
    internal static ProcessMark Current => Own.Value;

    /// <summary>
    /// Whether it has not ended. A zombie has; but a first thread that ended leaves the same state while others run on, as
    /// of a C program that calls pthread_exit(3) in main.
    /// </summary>
    internal bool IsAlive => ProcessStat.TryRead(Id) is { } stat
        && stat.StartTime == StartTime
        && (!stat.IsZombie || stat.Threads > 1);

    /// <summary>The process that has this id now; null where there is none.</summary>
    internal static ProcessMark? Of(int id) => ProcessStat.TryRead(id) is { } stat ? new(id, stat.StartTime) : null;

    private static MemToolsException NoProc() =>
        new(ErrorKind.NotSupported, "/proc is not mounted, so processes cannot be told apart. Mount it: mount -t proc proc /proc");
}
