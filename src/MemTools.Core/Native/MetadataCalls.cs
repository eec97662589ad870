using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemTools.Kernel;

namespace MemTools.Native;

/// <summary>What a file is besides its bytes: statx(2), fchmod(2), fchown(2), futimens(3), fsetxattr(2), statfs(2).</summary>
internal static unsafe partial class MetadataCalls
{
    internal const int AtNoFollow = 0x100;
    internal const int AtSymlinkFollow = 0x400;
    internal const int AtEmptyPath = 0x1000;
    internal const int AtEffectiveAccess = 0x200;
    internal const int WriteAccess = 2;

    /// <summary>A user or group that fchown(2) leaves as it is.</summary>
    internal const uint Unchanged = uint.MaxValue;

    /// <summary>statx(2) through syscall(2): the kernel's number, directory, path, flags, mask, answer.</summary>
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    [MethodImpl(Compilation.AtOnce)]
    internal static partial nint Statx(nint number, Descriptor directory, byte* path, nint flags, nint mask, Statx* answer);

    [LibraryImport("libc", EntryPoint = "fstatfs", SetLastError = true)]
    internal static partial int FileSystem(Descriptor file, StatFs* answer);

    [LibraryImport("libc", EntryPoint = "faccessat", SetLastError = true)]
    internal static partial int Access(Descriptor directory, byte* path, int mode, int flags);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    internal static partial int ChangeMode(Descriptor file, uint mode);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    internal static partial int ChangeOwner(Descriptor file, uint user, uint group);

    /// <summary>Takes two times: last access, then last modification.</summary>
    [LibraryImport("libc", EntryPoint = "futimens", SetLastError = true)]
    [MethodImpl(Compilation.AtOnce)]
    internal static partial int SetTimes(Descriptor file, TimeSpec* times);

    /// <summary>The mode of a name, which is followed where it is a link: fchmodat(2) knows no flags.</summary>
    [LibraryImport("libc", EntryPoint = "fchmodat", SetLastError = true)]
    internal static partial int ChangeModeAt(Descriptor directory, byte* name, uint mode, int flags);

    [LibraryImport("libc", EntryPoint = "fchownat", SetLastError = true)]
    internal static partial int ChangeOwnerAt(Descriptor directory, byte* name, uint user, uint group, int flags);

    [LibraryImport("libc", EntryPoint = "utimensat", SetLastError = true)]
    internal static partial int SetTimesAt(Descriptor directory, byte* name, TimeSpec* times, int flags);

    [LibraryImport("libc", EntryPoint = "flistxattr", SetLastError = true)]
    [MethodImpl(Compilation.AtOnce)]
    internal static partial nint ListAttributes(Descriptor file, byte* names, nuint size);

    /// <summary>The names of the attributes of a path, which is not followed where it ends in a link.</summary>
    [LibraryImport("libc", EntryPoint = "llistxattr", SetLastError = true)]
    internal static partial nint ListAttributesOf(byte* path, byte* names, nuint size);

    /// <summary>listxattrat(2) through syscall(2): the kernel's number, directory, name, flags, names, size.</summary>
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    [MethodImpl(Compilation.AtOnce)]
    internal static partial nint ListAttributesAt(nint number, Descriptor directory, byte* name, nint flags, byte* names, nint size);

    [LibraryImport("libc", EntryPoint = "fgetxattr", SetLastError = true)]
    internal static partial nint GetAttribute(Descriptor file, byte* name, byte* value, nuint size);

    [LibraryImport("libc", EntryPoint = "fsetxattr", SetLastError = true)]
    internal static partial int SetAttribute(Descriptor file, byte* name, byte* value, nuint size, int flags);

    [LibraryImport("libc", EntryPoint = "fremovexattr", SetLastError = true)]
    internal static partial int RemoveAttribute(Descriptor file, byte* name);
}

/// <summary>struct timespec: seconds since 1970 (negative before) and nanoseconds, 0 to 999,999,999.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimeSpec
{
    internal long Seconds;
    internal long Nanoseconds;
}

/// <summary>struct statfs of statfs(2), on 64-bit processors.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct StatFs
{
    internal long Type;
    internal long BlockSize;
    internal ulong Blocks;
    internal ulong BlocksFree;
    internal ulong BlocksAvailable;
    internal ulong Files;
    internal ulong FilesFree;
    internal ulong FileSystemId;
    internal long NameLength;
    internal long FragmentSize;
    internal long Flags;
    private fixed long _spare[4];
}
