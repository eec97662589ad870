using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>glibc's malloc, or the sentence that says why there is none.</summary>
internal static class MallocLibrary
{
    /// <exception cref="MemToolsException">NotSupported: the C library is not glibc.</exception>
    internal static GlibcMalloc Require() => GlibcMalloc.Current ?? throw new MemToolsException(
        ErrorKind.NotSupported,
        "The C library of this process is not glibc, and only glibc has mallopt, mallinfo2, malloc_info and malloc_trim. "
        + "Run a PowerShell built for glibc (linux-x64, linux-arm64), not for musl (linux-musl-x64).");

    /// <exception cref="MemToolsException">NotSupported: not glibc, or one without mallinfo2.</exception>
    internal static GlibcMalloc RequireInfo()
    {
        GlibcMalloc library = Require();
        return library.HasInfo ? library : throw new MemToolsException(
            ErrorKind.NotSupported, "This glibc has no mallinfo2; glibc 2.33 or newer has it. Get-MallocHeap works without it.");
    }

    /// <summary>The file of the library whose malloc the program calls; null where that is glibc's own.</summary>
    internal static string? ForeignAllocator()
    {
        GlibcMalloc library = Require();
        nint used = library.ProgramAllocate;
        if (used == library.OwnAllocate)
            return null;
        using MapsText maps = MapsText.Create();
        maps.Read();
        return maps.FileAt((ulong)used) ?? "another library";
    }
}
