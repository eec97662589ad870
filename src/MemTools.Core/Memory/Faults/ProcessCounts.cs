using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>
/// What /proc/PID/stat counts for a whole process, its ended threads included (proc_pid_stat(5)). Every user may read
/// it of every process. The file is kept open: it stays that of this process, even when another gets its number.
/// </summary>
internal sealed class ProcessCounts : IDisposable
{
    private const int MinorFaultsField = 10;
    private const int MajorFaultsField = 12;
    private const int UserTimeField = 14;
    private const int KernelTimeField = 15;
    private const int ThreadsField = 20;
    private const int ResidentField = 24;

    /// <summary>USER_HZ, the unit of times in /proc, is 100 on every processor that this runs on.</summary>
    private const long TicksPerClockTick = TimeSpan.TicksPerSecond / 100;

    private readonly int _id;
    private readonly Descriptor _file;
    private readonly Mapping _buffer = Mapping.Memory(Environment.SystemPageSize);

    private ProcessCounts(int id, Descriptor file) => (_id, _file) = (id, file);

    /// <exception cref="MemToolsException">No such process, or it may not be seen.</exception>
    /// <exception cref="SystemCallException">Another failure of openat.</exception>
    internal static ProcessCounts Open(int id)
    {
        string path = ProcessFile.PathOf(id, "stat");
        long result = FileIO.TryOpen(Descriptor.WorkingDirectory, NativePath.From(path), OpenFlags.ReadOnly, 0, out Descriptor? file);
        return KernelResult.ErrnoOf(result) switch
        {
            Errno.None => new(id, file!),
            Errno.ENOENT or Errno.ESRCH => throw new MemToolsException(
                ErrorKind.ProcessNotFound, $"There is no process {id}, or /proc is mounted with hidepid and hides it."),
            Errno.EACCES or Errno.EPERM => throw new MemToolsException(
                ErrorKind.PermissionDenied, $"Process {id} belongs to another user and /proc is mounted with hidepid. Its own user or root can measure it."),
            Errno errno => throw new SystemCallException("openat", errno, path),
        };
    }

    /// <summary>The counts now; null where the process is no more.</summary>
    internal unsafe ProcessReading? TryRead()
    {
        long length = FileIO.ReadAt(_file, _buffer.Address, Environment.SystemPageSize, 0);
        return length <= 0 ? null : Parse(_id, new((void*)_buffer.Address, (int)length));
    }

    public void Dispose()
    {
        _file.Dispose();
        _buffer.Dispose();
    }

    internal static ProcessReading Parse(int id, ReadOnlySpan<byte> text)
    {
        ProcessStatText fields = new(text);
        long Number(int field) => (long)fields.Number(field);
        return new(
            id,
            fields.Name,
            fields.IsZombie,
            Number(MinorFaultsField),
            Number(MajorFaultsField),
            new TimeSpan(Number(UserTimeField) * TicksPerClockTick),
            new TimeSpan(Number(KernelTimeField) * TicksPerClockTick),
            (int)Number(ThreadsField),
            Number(ResidentField) * Environment.SystemPageSize);
    }
}

/// <summary>The counts of a process since it began, and what it is now.</summary>
internal sealed record ProcessReading(
    int Id,
    string Name,
    bool HasEnded,
    long MinorFaults,
    long MajorFaults,
    TimeSpan UserTime,
    TimeSpan KernelTime,
    int Threads,
    long ResidentBytes);
