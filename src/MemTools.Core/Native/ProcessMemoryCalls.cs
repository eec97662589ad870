using System.Runtime.InteropServices;

namespace MemTools.Native;

/// <summary>Copies between address spaces that fail with EFAULT instead of raising a signal: process_vm_readv(2).</summary>
internal static unsafe partial class ProcessMemoryCalls
{
    [LibraryImport("libc", EntryPoint = "process_vm_readv", SetLastError = true)]
    internal static partial nint Read(
        int process, IoVector* local, nuint localCount, IoVector* remote, nuint remoteCount, nuint flags);

    [LibraryImport("libc", EntryPoint = "process_vm_writev", SetLastError = true)]
    internal static partial nint Write(
        int process, IoVector* local, nuint localCount, IoVector* remote, nuint remoteCount, nuint flags);
}

/// <summary>struct iovec of readv(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct IoVector
{
    internal nint Address;
    internal nuint Length;
}
