using System.Runtime.InteropServices;

namespace MemTools.Native;

/// <summary>
/// What glibc alone has around malloc, looked up when it is asked for: with musl the core loads all the same.
/// None of these sets errno.
/// </summary>
internal sealed unsafe class GlibcMalloc
{
    /// <summary>M_MXFAST.</summary>
    internal const int MaximumFastSize = 1;

    /// <summary>M_TRIM_THRESHOLD.</summary>
    internal const int TrimThreshold = -1;

    /// <summary>M_TOP_PAD.</summary>
    internal const int TopPad = -2;

    /// <summary>M_MMAP_THRESHOLD.</summary>
    internal const int MmapThreshold = -3;

    /// <summary>M_MMAP_MAX.</summary>
    internal const int MmapMaximum = -4;

    /// <summary>M_PERTURB.</summary>
    internal const int Perturb = -6;

    /// <summary>M_ARENA_TEST.</summary>
    internal const int ArenaTest = -7;

    /// <summary>M_ARENA_MAX.</summary>
    internal const int ArenaMaximum = -8;

    /// <summary>Null where this is not glibc.</summary>
    internal static readonly GlibcMalloc? Current = Find();

    private readonly nint _info;
    private readonly nint _option;
    private readonly nint _trim;
    private readonly nint _report;

    private GlibcMalloc(nint library)
    {
        // mallinfo2 came with glibc 2.33.
        NativeLibrary.TryGetExport(library, "mallinfo2", out _info);
        _option = NativeLibrary.GetExport(library, "mallopt");
        _trim = NativeLibrary.GetExport(library, "malloc_trim");
        _report = NativeLibrary.GetExport(library, "malloc_info");
        OwnAllocate = NativeLibrary.GetExport(library, "malloc");
    }

    internal bool HasInfo => _info != 0;

    /// <summary>The address of the malloc in glibc itself.</summary>
    internal nint OwnAllocate { get; }

    /// <summary>The address of the malloc that the program calls: a preloaded library's, where there is one.</summary>
    internal nint ProgramAllocate =>
        NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "malloc", out nint address) ? address : OwnAllocate;

    internal MallocInfo Info() => ((delegate* unmanaged<MallocInfo>)_info)();

    /// <summary>mallopt(3): 1 where it took the value, and also where it does not know the parameter; 0 where it refuses.</summary>
    internal int SetOption(int parameter, int value) => ((delegate* unmanaged<int, int, int>)_option)(parameter, value);

    /// <summary>malloc_trim(3): 1 where memory went back to the system.</summary>
    internal int Trim(nuint pad) => ((delegate* unmanaged<nuint, int>)_trim)(pad);

    /// <summary>malloc_info(3): writes XML to a FILE.</summary>
    internal int Report(nint stream) => ((delegate* unmanaged<int, nint, int>)_report)(0, stream);

    private static GlibcMalloc? Find()
    {
        nint library = NativeLibrary.Load("libc", typeof(GlibcMalloc).Assembly, null);
        return NativeLibrary.TryGetExport(library, "malloc_info", out _) ? new(library) : null;
    }
}

/// <summary>struct mallinfo2 of mallinfo(3): sums over all arenas, but for the top chunk, which is the main arena's.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MallocInfo
{
    internal nuint ArenaBytes;
    internal nuint FreeChunks;
    internal nuint FastChunks;
    internal nuint MappedBlocks;
    internal nuint MappedBytes;
    internal nuint Unused;
    internal nuint FastBytes;
    internal nuint InUseBytes;
    internal nuint FreeBytes;
    internal nuint TopBytes;
}
