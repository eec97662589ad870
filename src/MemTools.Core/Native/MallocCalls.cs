using System.Runtime.InteropServices;

namespace MemTools.Native;

/// <summary>
/// malloc(3), free(3), sbrk(2), memfd_create(2): what glibc and musl both have. malloc is always the C library's own
/// here, whatever was preloaded: the import asks that library and not the program.
/// </summary>
internal static unsafe partial class MallocCalls
{
    internal const uint MemoryFileCloseOnExec = 1;

    [LibraryImport("libc", EntryPoint = "malloc", SetLastError = true)]
    internal static partial nint Allocate(nuint size);

    [LibraryImport("libc", EntryPoint = "free")]
    internal static partial void Free(nint block);

    [LibraryImport("libc", EntryPoint = "malloc_usable_size")]
    internal static partial nuint UsableSize(nint block);

    /// <summary>With 0 it says where the break is; musl refuses anything else.</summary>
    [LibraryImport("libc", EntryPoint = "sbrk", SetLastError = true)]
    internal static partial nint MoveBreak(nint increment);

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true)]
    internal static partial int CreateMemoryFile(byte* name, uint flags);

    /// <summary>The stream owns the descriptor from then on.</summary>
    [LibraryImport("libc", EntryPoint = "fdopen", SetLastError = true)]
    internal static partial nint OpenStream(int descriptor, byte* mode);

    [LibraryImport("libc", EntryPoint = "fclose", SetLastError = true)]
    internal static partial int CloseStream(nint stream);
}
