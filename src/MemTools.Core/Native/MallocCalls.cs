using System.Runtime.InteropServices;

namespace MemTools.Native;

/// <summary>
/// malloc(3), free(3), and the streams that malloc_info(3) writes to: what glibc and musl both have. malloc is always
/// the C library's own here, whatever was preloaded: the import asks that library and not the program.
/// </summary>
internal static unsafe partial class MallocCalls
{
    [LibraryImport("libc", EntryPoint = "malloc", SetLastError = true)]
    internal static partial nint Allocate(nuint size);

    [LibraryImport("libc", EntryPoint = "free")]
    internal static partial void Free(nint block);

    [LibraryImport("libc", EntryPoint = "malloc_usable_size")]
    internal static partial nuint UsableSize(nint block);

    /// <summary>The stream owns the descriptor from then on.</summary>
    [LibraryImport("libc", EntryPoint = "fdopen", SetLastError = true)]
    internal static partial nint OpenStream(int descriptor, byte* mode);

    [LibraryImport("libc", EntryPoint = "fclose", SetLastError = true)]
    internal static partial int CloseStream(nint stream);
}
