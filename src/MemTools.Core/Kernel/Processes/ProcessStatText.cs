using System.Globalization;
using System.Text;

namespace MemTools.Kernel;

/// <summary>The words of /proc/PID/stat (proc_pid_stat(5)).</summary>
internal sealed class ProcessStatText
{
    /// <summary>Fields are counted as in the manual page; the first after the name is the state.</summary>
    private const int StateField = 3;

    private readonly string[] _fields;

    /// <summary>The name stands in parentheses and may hold any byte, also a parenthesis: only the last one closes it.</summary>
    internal ProcessStatText(ReadOnlySpan<byte> text)
    {
        int open = text.IndexOf((byte)'(');
        int close = text.LastIndexOf((byte)')');
        Name = Encoding.UTF8.GetString(text[(open + 1)..close]);
        _fields = Encoding.ASCII.GetString(text[(close + 2)..]).TrimEnd('\n').Split(' ');
    }

    /// <summary>The name of the program, at most 15 bytes; a thread may have changed it to anything.</summary>
    internal string Name { get; }

    /// <summary>R, S, D, Z and so on.</summary>
    internal char State => _fields[0][0];

    /// <summary>Ended, but for its parent's taking note; X is what a reader may see at the very end.</summary>
    internal bool IsZombie => State is 'Z' or 'X';

    /// <summary>A field that is a count, or an address, which on 64-bit processors is below 2^63 too.</summary>
    internal ulong Number(int field) => ulong.Parse(_fields[field - StateField], CultureInfo.InvariantCulture);
}
