using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemTools.Kernel;

namespace MemTools.Native;

/// <summary>Opening, reading, writing and placing bytes: openat(2), read(2), pwrite(2), lseek(2), fallocate(2)…</summary>
internal static unsafe partial class FileCalls
{
    internal const int SeekSet = 0;
    internal const int SeekCurrent = 1;
    internal const int SeekEnd = 2;
    internal const int SeekData = 3;
    internal const int SeekHole = 4;

    internal const int FcntlSetDescriptorFlags = 2;
    internal const int FcntlGetFlags = 3;
    internal const int FcntlSetFlags = 4;
    internal const int CloseOnExec = 1;

    internal const int KeepSize = 1;
    internal const int PunchHoleKeepSize = 3;

    internal const int AdviseNormal = 0;
    internal const int AdviseRandom = 1;
    internal const int AdviseSequential = 2;
    internal const int AdviseWillNeed = 3;
    internal const int AdviseDontNeed = 4;

    internal const uint SyncWaitBefore = 1;
    internal const uint SyncWrite = 2;
    internal const uint SyncWaitAfter = 4;

    internal const int LockExclusive = 2;
    internal const int LockNonBlocking = 4;
    internal const int LockRelease = 8;

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    [MethodImpl(Compilation.AtOnce)]
    internal static partial int OpenAt(Descriptor directory, byte* path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(nint descriptor);

    [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
    internal static partial int Duplicate(Descriptor file);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    internal static partial nint Read(Descriptor file, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    [MethodImpl(Compilation.AtOnce)]
    internal static partial nint ReadAt(Descriptor file, void* buffer, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    [MethodImpl(Compilation.AtOnce)]
    internal static partial nint Write(Descriptor file, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    internal static partial nint WriteAt(Descriptor file, void* buffer, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    internal static partial long Seek(Descriptor file, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    internal static partial int Truncate(Descriptor file, long length);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    internal static partial int Allocate(Descriptor file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    internal static partial int Sync(Descriptor file);

    [LibraryImport("libc", EntryPoint = "sync_file_range", SetLastError = true)]
    internal static partial int SyncRange(Descriptor file, long offset, long length, uint flags);

    /// <summary>Returns the error number itself and leaves errno alone (posix_fadvise(2)).</summary>
    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    internal static partial int Advise(Descriptor file, long offset, long length, int advice);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    internal static partial int Lock(Descriptor file, int operation);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int Control(Descriptor file, int command, nint argument);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    [MethodImpl(Compilation.AtOnce)]
    internal static partial int Poll(PollDescriptor* descriptors, nuint count, int timeoutMilliseconds);
}

/// <summary>struct pollfd of poll(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollDescriptor
{
    internal const short In = 1;
    internal const short Out = 4;
    internal const short Error = 8;
    internal const short HangUp = 16;

    /// <summary>POLLRDHUP (Linux): nothing more comes.</summary>
    internal const short ReadHangUp = 0x2000;

    internal int Descriptor;
    internal short Events;
    internal short Returned;
}
