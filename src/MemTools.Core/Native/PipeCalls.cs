using System.Runtime.InteropServices;
using MemTools.Kernel;

namespace MemTools.Native;

/// <summary>Pipes and their capacity: pipe2(2), fcntl(2) with F_SETPIPE_SZ.</summary>
internal static unsafe partial class PipeCalls
{
    internal const int SetPipeSize = 1031;

    /// <summary>Fills two integers: the end to read from, then the end to write to.</summary>
    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    internal static partial int Pipe(int* ends, int flags);
}
