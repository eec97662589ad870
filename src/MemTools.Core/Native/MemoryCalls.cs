using System.Runtime.InteropServices;
using MemTools.Kernel;

namespace MemTools.Native;

/// <summary>Mappings: mmap(2), munmap(2), madvise(2), msync(2), mlock(2), mprotect(2).</summary>
internal static partial class MemoryCalls
{
    internal const int ProtectNone = 0;
    internal const int ProtectRead = 1;
    internal const int ProtectWrite = 2;
    internal const int MapShared = 1;
    internal const int MapPrivate = 2;
    internal const int MapFixed = 0x10;
    internal const int MapAnonymous = 0x20;
    internal const int MapNoReserve = 0x4000;
    internal const int MapPopulate = 0x8000;
    internal const int MapHuge = 0x40000;
    internal const int AdviseNormal = 0;
    internal const int AdviseRandom = 1;
    internal const int AdviseSequential = 2;
    internal const int AdviseWillNeed = 3;
    internal const int AdviseDontNeed = 4;
    internal const int AdviseHugePage = 14;
    internal const int AdviseNoHugePage = 15;
    internal const int AdvisePopulateRead = 22;
    internal const int AdvisePopulateWrite = 23;

    internal const int SyncAsynchronous = 1;
    internal const int SyncWait = 4;

    /// <summary>MAP_FAILED.</summary>
    internal const nint Failed = -1;

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    internal static partial nint Map(nint address, nuint length, int protection, int flags, Descriptor file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    internal static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    internal static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    internal static partial int Advise(nint address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "msync", SetLastError = true)]
    internal static partial int Synchronize(nint address, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "mlock", SetLastError = true)]
    internal static partial int Lock(nint address, nuint length);
}
