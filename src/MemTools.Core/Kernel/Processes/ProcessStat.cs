
namespace MemTools.Kernel;

/// <summary>
/// What /proc/PID/stat says of a process (proc_pid_stat(5)). Addresses are null where permission lacks: the kernel
/// writes 0 then.
/// </summary>
internal sealed record ProcessStat
{
    private const uint KernelThreadFlag = 0x00200000;

    private const int FlagsField = 9;
    private const int ThreadsField = 20;
    private const int StartTimeField = 22;
    private const int StartStackField = 28;
    private const int StartDataField = 45;
    private const int EndDataField = 46;
    private const int StartBreakField = 47;

    /// <summary>The name of the program, at most 15 bytes; a thread may have changed it to anything.</summary>
    internal required string Name { get; init; }

    /// <summary>R, S, D, Z and so on.</summary>
    internal required char State { get; init; }

    internal required bool IsKernelThread { get; init; }

    internal required ulong? StartStack { get; init; }

    internal required ulong? StartData { get; init; }

    internal required ulong? EndData { get; init; }

    internal required ulong? StartBreak { get; init; }

    /// <summary>Ended, but for its parent's taking note; X is what a reader may see at the very end.</summary>
    internal required bool IsZombie { get; init; }

    /// <summary>Threads that have not ended; of a process whose first thread has, the others.</summary>
    internal required long Threads { get; init; }

    /// <summary>In clock ticks since boot. With the id it names a process for good, since ids are used again.</summary>
    internal required ulong StartTime { get; init; }

    /// <summary>Null where there is no such process.</summary>
    internal static ProcessStat? TryRead(int id)
    {
        try
        {
            return Parse(File.ReadAllBytes(ProcessFile.PathOf(id, "stat")));
        }
        catch (IOException)
        {
            // ENOENT, or ESRCH where it ended between open and read.
            return null;
        }
    }

    internal static ProcessStat Parse(ReadOnlySpan<byte> text)
    {
        ProcessStatText fields = new(text);
        ulong? Address(int field) => fields.Number(field) is > 0 and var address ? address : null;
        return new()
        {
            Name = fields.Name,
            State = fields.State,
            IsZombie = fields.IsZombie,
            Threads = (long)fields.Number(ThreadsField),
            StartTime = fields.Number(StartTimeField),
            IsKernelThread = (fields.Number(FlagsField) & KernelThreadFlag) != 0,
            StartStack = Address(StartStackField),
            StartData = Address(StartDataField),
            EndData = Address(EndDataField),
            StartBreak = Address(StartBreakField),
        };
    }
}
