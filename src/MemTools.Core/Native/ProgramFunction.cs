using System.Runtime.InteropServices;
using MemTools.Kernel;

namespace MemTools.Native;

/// <summary>
/// Functions as the program itself would find them (dlsym(3) with the main program's handle): those of a preloaded
/// library before the C library's. A P/Invoke of "libc" always gets the C library's own.
/// </summary>
internal static class ProgramFunction
{
    /// <summary>The function's address.</summary>
    /// <exception cref="MemToolsException">No library of this process has it.</exception>
    internal static nint Find(string name) =>
        NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), name, out nint address)
            ? address
            : throw new MemToolsException(ErrorKind.NotSupported, $"The C library of this system has no function {name}.");
}
