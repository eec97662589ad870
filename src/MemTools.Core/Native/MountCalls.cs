using System.Runtime.InteropServices;
using MemTools.Kernel;

namespace MemTools.Native;

/// <summary>
/// Mounting without a place in the tree: fsopen(2), fsconfig(2), fsmount(2), through syscall(2), since glibc before 2.36
/// and musl have no functions for them. Their numbers are the same on every processor.
/// </summary>
internal static unsafe partial class MountCalls
{
    internal const nint OpenNumber = 430;
    internal const nint ConfigureNumber = 431;
    internal const nint MountNumber = 432;
    internal const nint OpenCloseOnExec = 1;
    internal const nint MountCloseOnExec = 1;
    internal const nint Create = 6;

    /// <summary>The kernel's number, name of the file system, flags.</summary>
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint Open(nint number, byte* fileSystem, nint flags);

    /// <summary>The kernel's number, context, command, key, value, auxiliary.</summary>
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint Configure(nint number, Descriptor context, nint command, nint key, nint value, nint auxiliary);

    /// <summary>The kernel's number, context, flags, attributes.</summary>
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint Mount(nint number, Descriptor context, nint flags, nint attributes);
}
