using System.Runtime.InteropServices;

namespace MemTools.Experiments;

/// <summary>An allocator that comes as a library of its own.</summary>
/// <param name="Names">File names, the one to prefer first.</param>
/// <param name="Packages">Which package brings it.</param>
internal sealed record PreloadedLibrary(string[] Names, string Packages)
{
    /// <summary>The library of an allocator; null where it needs none.</summary>
    internal static PreloadedLibrary? Of(AllocatorKind kind) => kind switch
    {
        AllocatorKind.TCMalloc => new(
            ["libtcmalloc_minimal.so.4", "libtcmalloc.so.4"],
            "libtcmalloc-minimal4 or libtcmalloc-minimal4t64 (Debian, Ubuntu), gperftools-libs (Fedora)"),
        AllocatorKind.Jemalloc => new(
            ["libjemalloc.so.2"],
            "libjemalloc2 (Debian, Ubuntu), jemalloc (Fedora, Alpine)"),
        AllocatorKind.Mimalloc => new(
            ["libmimalloc.so.3", "libmimalloc.so.2", "libmimalloc.so"],
            "libmimalloc2.0 or libmimalloc3 (Debian, Ubuntu), mimalloc (Fedora), mimalloc2 (Alpine)"),
        _ => null,
    };

    /// <summary>The file itself, links followed; null where none of the folders has it.</summary>
    internal string? Find(IEnumerable<string> folders) => folders
        .SelectMany(folder => Names, Path.Combine)
        .Where(File.Exists)
        .Select(path => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path)
        .FirstOrDefault();

    /// <summary>The folders where the dynamic linker looks.</summary>
    internal static IEnumerable<string> Folders()
    {
        string processor = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64" : "x86_64";
        string[] named = (Environment.GetEnvironmentVariable("LD_LIBRARY_PATH") ?? string.Empty)
            .Split(':', StringSplitOptions.RemoveEmptyEntries);
        return
        [
            .. named,
            $"/usr/local/lib/{processor}-linux-gnu", $"/usr/lib/{processor}-linux-gnu", "/usr/local/lib64", "/usr/lib64",
            "/usr/local/lib", "/usr/lib",
        ];
    }
}
