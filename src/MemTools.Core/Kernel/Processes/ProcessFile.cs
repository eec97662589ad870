using System.Globalization;
using MemTools.Native;

namespace MemTools.Kernel;

/// <summary>Opens files of /proc/PID, and says why a process cannot be looked at.</summary>
internal static class ProcessFile
{
    /// <summary>The path of a file of /proc/PID.</summary>
    internal static string PathOf(int process, string name) => string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/{name}");

    /// <summary>Opens a file that tells of the memory of a process.</summary>
    /// <exception cref="MemToolsException">No such process, no permission, or no memory of its own.</exception>
    internal static Descriptor Open(int process, string name)
    {
        NativePath path = NativePath.From(PathOf(process, name));
        long result = FileIO.TryOpen(Descriptor.WorkingDirectory, path, OpenFlags.ReadOnly, 0, out Descriptor? file);
        return file ?? throw Failure(process, name, "openat", KernelResult.ErrnoOf(result));
    }

    /// <summary>What a failed call on a file of /proc/PID means.</summary>
    internal static Exception Failure(int process, string name, string call, Errno errno) => errno switch
    {
        Errno.EACCES or Errno.EPERM => Forbidden(process),
        // The last two are what the kernel answers for a process without memory too.
        Errno.ENOENT when Directory.Exists(PathOf(process, string.Empty)) => new SystemCallException(call, errno, PathOf(process, name)),
        Errno.ENOENT or Errno.ESRCH => WithoutMemory(process) ?? Gone(process),
        _ => new SystemCallException(call, errno, PathOf(process, name)),
    };

    /// <summary>Why there is no memory to look at; null for a process that has some, or had until it ended.</summary>
    internal static MemToolsException? WithoutMemory(int process) => ProcessStat.TryRead(process) switch
    {
        null => null,
        { IsKernelThread: true } stat => new(
            ErrorKind.NoUserMemory, $"Process {Name(process, stat)} is a thread of the kernel: it has no memory of its own, no heap and no mappings."),
        { IsZombie: true } stat => new(
            ErrorKind.NoUserMemory, $"Process {Name(process, stat)} has ended and is a zombie until its parent takes note: its memory is gone."),
        _ => null,
    };

    /// <summary>The error for a process that does not exist, or not any more.</summary>
    internal static MemToolsException Gone(int process) => new(
        ErrorKind.ProcessNotFound,
        string.Create(CultureInfo.InvariantCulture, $"There is no process with the id {process}: it never was, or it has ended. Get-Process lists those that run."));

    private static MemToolsException Forbidden(int process)
    {
        string who = ProcessStat.TryRead(process) is { } stat ? Name(process, stat) : process.ToString(CultureInfo.InvariantCulture);
        return new(
            ErrorKind.PermissionDenied,
            $"The memory of process {who} is shown only to its own user, and to root (CAP_SYS_PTRACE). Run as that user, or with sudo.");
    }

    private static string Name(int process, ProcessStat stat) => string.Create(CultureInfo.InvariantCulture, $"{process} ({stat.Name})");
}
