using System.Globalization;
using System.Text;

namespace MemTools.Kernel;

/// <summary>
/// What /proc/PID/stat says of a process (proc_pid_stat(5)). Addresses are null where permission lacks: the kernel
/// writes 0 then.
/// </summary>
internal sealed record ProcessStat
{
    private const uint KernelThreadFlag = 0x00200000;

    /// <summary>Numbers of fields as the manual page counts them; the first after the name is 3.</summary>
    private const int FirstField = 3;
    private const int FlagsField = 9;
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
    internal bool IsZombie => State is 'Z' or 'X';

    /// <summary>Null where there is no such process.</summary>
    internal static ProcessStat? TryRead(int id)
    {
        try
        {
            return Parse(File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat")));
        }
        catch (IOException)
        {
            // ENOENT, or ESRCH where it ended between open and read.
            return null;
        }
    }

    /// <summary>The name stands in parentheses and may hold any byte, also a parenthesis: only the last one closes it.</summary>
    internal static ProcessStat Parse(ReadOnlySpan<byte> text)
    {
        int open = text.IndexOf((byte)'(');
        int close = text.LastIndexOf((byte)')');
        string[] fields = Encoding.ASCII.GetString(text[(close + 2)..]).TrimEnd('\n').Split(' ');
        return new()
        {
            Name = Encoding.UTF8.GetString(text[(open + 1)..close]),
            State = fields[0][0],
            IsKernelThread = (Number(fields, FlagsField) & KernelThreadFlag) != 0,
            StartStack = Address(fields, StartStackField),
            StartData = Address(fields, StartDataField),
            EndData = Address(fields, EndDataField),
            StartBreak = Address(fields, StartBreakField),
        };
    }

    private static ulong Number(string[] fields, int field) =>
        ulong.Parse(fields[field - FirstField], CultureInfo.InvariantCulture);

    private static ulong? Address(string[] fields, int field) => Number(fields, field) is > 0 and var address ? address : null;
}
