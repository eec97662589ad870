using System.Runtime.InteropServices;

namespace MemTools.Native;

/// <summary>The program break: sbrk(3), which musl has for asking alone.</summary>
internal static partial class BreakCalls
{
    /// <summary>Moves the break by so many bytes and returns where it was; 0 asks where it is.</summary>
    [LibraryImport("libc", EntryPoint = "sbrk", SetLastError = true)]
    internal static partial nint Move(nint bytes);
}
