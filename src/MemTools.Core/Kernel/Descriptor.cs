using System.Runtime.CompilerServices;
using MemTools.Native;
using Microsoft.Win32.SafeHandles;

namespace MemTools.Kernel;

/// <summary>An open file descriptor that closes itself.</summary>
internal sealed class Descriptor : SafeHandleMinusOneIsInvalid
{
    private const int AtFdCwd = -100;

    /// <summary>AT_FDCWD: relative paths start at the working directory of the process.</summary>
    internal static readonly Descriptor WorkingDirectory = new(AtFdCwd, owns: false);

    /// <summary>No file: what an anonymous mapping is made of. Passed to the kernel as -1.</summary>
    internal static readonly Descriptor None = new(-1, owns: false);

    internal Descriptor(nint value, bool owns = true)
        : base(owns) => SetHandle(value);

    internal int Number => (int)handle;

    // Linux frees the descriptor whatever close(2) answers, EINTR too: calling it again could close a stranger's.
    [MethodImpl(Compilation.AtOnce)]
    protected override bool ReleaseHandle() => FileCalls.Close(handle) == 0;
}
