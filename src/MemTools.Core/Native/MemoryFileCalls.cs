using System.Runtime.InteropServices;

namespace MemTools.Native;

/// <summary>Files that live in memory alone: memfd_create(2), and the seals of fcntl(2) that make them safe to touch.</summary>
internal static unsafe partial class MemoryFileCalls
{
    internal const uint CloseOnExec = 1;
    internal const uint AllowSealing = 2;

    internal const int AddSeals = 1033;
    internal const int GetSeals = 1034;
    internal const nint SealSeals = 1;
    internal const nint SealShrink = 2;
    internal const nint SealGrow = 4;

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true)]
    internal static partial int Create(byte* name, uint flags);
}
