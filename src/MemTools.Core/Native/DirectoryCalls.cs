using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemTools.Kernel;

namespace MemTools.Native;

/// <summary>Names in directories: linkat(2), renameat2(2), unlinkat(2), mkdirat(2), mknodat(2), symlinkat(2), getdents64(2), realpath(3).</summary>
internal static unsafe partial class DirectoryCalls
{
    internal const uint RenameNoReplace = 1;

    /// <summary>Offsets in struct linux_dirent64, whose entries have different lengths (getdents64(2)).</summary>
    internal const int EntryLengthOffset = 16;
    internal const int EntryTypeOffset = 18;
    internal const int EntryNameOffset = 19;

    internal const byte EntryTypeUnknown = 0;
    internal const byte EntryTypeDirectory = 4;
    internal const byte EntryTypeRegular = 8;

    /// <summary>AT_REMOVEDIR: unlinkat(2) removes an empty directory.</summary>
    internal const int RemoveDirectoryFlag = 0x200;

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true)]
    [MethodImpl(Compilation.AtOnce)]
    internal static partial int Link(
        Descriptor sourceDirectory, byte* source, Descriptor destinationDirectory, byte* destination, int flags);

    /// <summary>renameat2(2) through syscall(2): the kernel's number first.</summary>
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint Rename(
        nint number, Descriptor sourceDirectory, byte* source, Descriptor destinationDirectory, byte* destination, nint flags);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true)]
    internal static partial int Unlink(Descriptor directory, byte* name, int flags);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true)]
    [MethodImpl(Compilation.AtOnce)]
    internal static partial int MakeDirectory(Descriptor directory, byte* name, uint mode);

    /// <summary>mknodat(2) through syscall(2), since glibc has the function only from 2.33 on: the kernel's number first.</summary>
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint MakeNode(nint number, Descriptor directory, byte* name, nint mode, nint device);

    [LibraryImport("libc", EntryPoint = "symlinkat", SetLastError = true)]
    internal static partial int MakeSymlink(byte* target, Descriptor directory, byte* name);

    [LibraryImport("libc", EntryPoint = "readlinkat", SetLastError = true)]
    internal static partial nint ReadLink(Descriptor directory, byte* name, byte* buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "getdents64", SetLastError = true)]
    [MethodImpl(Compilation.AtOnce)]
    internal static partial nint ReadEntries(Descriptor directory, byte* buffer, nuint size);

    /// <summary>Returns memory that the caller gives to free(3), or null.</summary>
    [LibraryImport("libc", EntryPoint = "realpath", SetLastError = true)]
    internal static partial byte* RealPath(byte* path, byte* resolved);

    [LibraryImport("libc", EntryPoint = "free")]
    internal static partial void Free(void* memory);
}
