using System.Runtime.InteropServices;
using MemTools.Kernel;

namespace MemTools.Native;

/// <summary>openat2(2), for which no C library in use has a function, through syscall(2).</summary>
internal static unsafe partial class OpenCalls
{
    /// <summary>The words of 64 bits of struct open_how: flags, mode, resolve.</summary>
    internal const int OpenHowWords = 3;

    /// <summary>RESOLVE_NO_MAGICLINKS: none of the links in /proc that lead to open files.</summary>
    internal const ulong ResolveNoMagicLinks = 2;

    /// <summary>RESOLVE_NO_SYMLINKS: no link anywhere in the path.</summary>
    internal const ulong ResolveNoSymlinks = 4;

    /// <summary>RESOLVE_BENEATH: the path must not lead out of the directory.</summary>
    internal const ulong ResolveBeneath = 8;

    /// <summary>The number of openat2(2), alike on every processor; the call is there since Linux 5.6.</summary>
    internal const int OpenAt2Number = 437;

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint OpenAt2(nint number, Descriptor directory, byte* path, ulong* how, nuint size);
}
