using System.Runtime.InteropServices;

namespace MemTools.Native;

/// <summary>
/// The flags of openat(2). Four of them have different bits on x64 and on arm64
/// (asm/fcntl.h of each), so those come from the table of the running processor.
/// </summary>
internal static class OpenFlags
{
    internal const int ReadOnly = 0;
    internal const int WriteOnly = 1;
    internal const int ReadWrite = 2;
    internal const int Create = 0x40;
    internal const int Exclusive = 0x80;
    internal const int NoTerminal = 0x100;
    internal const int Truncate = 0x200;
    internal const int Append = 0x400;
    internal const int NonBlocking = 0x800;
    internal const int CloseOnExec = 0x80000;
    internal const int PathOnly = 0x200000;

    internal static readonly OpenFlagTable Table = OpenFlagTable.For(RuntimeInformation.ProcessArchitecture);

    internal static readonly int Direct = Table.Direct;
    internal static readonly int Directory = Table.Directory;
    internal static readonly int NoFollow = Table.NoFollow;
    internal static readonly int Nameless = Table.Nameless;
}

/// <summary>The processor's own bits of O_DIRECT, O_DIRECTORY, O_NOFOLLOW and O_TMPFILE.</summary>
internal sealed record OpenFlagTable(int Direct, int Directory, int NoFollow)
{
    private const int NamelessBit = 0x400000;

    /// <summary>O_TMPFILE is a bit of its own together with O_DIRECTORY, so that old kernels refuse it.</summary>
    internal int Nameless => NamelessBit | Directory;

    internal static OpenFlagTable For(Architecture processor) => processor switch
    {
        Architecture.X64 => new(Direct: 0x4000, Directory: 0x10000, NoFollow: 0x20000),
        Architecture.Arm64 => new(Direct: 0x10000, Directory: 0x4000, NoFollow: 0x8000),
        _ => throw new PlatformNotSupportedException($"MemTools runs on x64 and arm64, not on {processor}."),
    };
}
