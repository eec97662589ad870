using System.Globalization;
using System.Text;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>
/// Reads the name at the end of a region's line. The kernel writes a line feed in it as \012 and leaves a backslash
/// alone, and it puts " (deleted)" behind the name of a removed file: a name may also be spelled like that, so in
/// these two cases the kernel is asked again.
/// </summary>
internal sealed class BackingReader(int process)
{
    private const string DeletedMark = " (deleted)";
    private const string EscapedLineFeed = "\\012";

    private byte[] _lastName = [];
    private (ulong Inode, bool Shared) _lastFile;
    private RegionBacking _last = RegionBacking.Nameless;

    /// <summary>What stands behind a region. Regions of one file follow each other: its name is decoded once.</summary>
    internal RegionBacking Read(ReadOnlySpan<byte> name, ulong inode, bool isShared, ulong start, ulong end)
    {
        if (name.IsEmpty)
            return RegionBacking.Nameless;
        if (_lastFile != (inode, isShared) || !name.SequenceEqual(_lastName))
        {
            _lastName = name.ToArray();
            _lastFile = (inode, isShared);
            _last = Decode(Encoding.UTF8.GetString(name), inode, isShared, start, end);
        }

        return _last;
    }

    private RegionBacking Decode(string text, ulong inode, bool isShared, ulong start, ulong end)
    {
        if (text.StartsWith('['))
            return new(KindOfPseudo(text, isShared), text);
        if (text.Contains(EscapedLineFeed, StringComparison.Ordinal))
            text = LinkOf(start, end) ?? text.Replace(EscapedLineFeed, "\n", StringComparison.Ordinal);
        bool hasMark = text.EndsWith(DeletedMark, StringComparison.Ordinal);
        string bare = hasMark ? text[..^DeletedMark.Length] : text;
        if (KindOfUnnamed(bare, hasMark, isShared) is { } kind)
            return new(kind, bare);
        bool isDeleted = hasMark && !IsThere(text, inode);
        string path = isDeleted ? bare : text;
        return new(KindOfPath(path), path, path.StartsWith('/') ? path : null, isDeleted);
    }

    private static MemoryRegionKind KindOfPseudo(string name, bool isShared) => name switch
    {
        "[heap]" => MemoryRegionKind.Heap,
        _ when name.StartsWith("[stack", StringComparison.Ordinal) => MemoryRegionKind.Stack,
        _ when name.StartsWith("[anon", StringComparison.Ordinal) =>
            isShared ? MemoryRegionKind.Shared : MemoryRegionKind.Anonymous,
        _ => MemoryRegionKind.Vdso,
    };

    /// <summary>Memory that lies in the kernel's own tmpfs or hugetlbfs under a name that nobody can open.</summary>
    private static MemoryRegionKind? KindOfUnnamed(string name, bool hasMark, bool isShared)
    {
        bool isOwnName = name.StartsWith("/memfd:", StringComparison.Ordinal) || name.StartsWith("/SYSV", StringComparison.Ordinal);
        if (hasMark && isOwnName)
            return MemoryRegionKind.Shared;
        if (name == "/dev/zero" || (hasMark && name == "/anon_hugepage"))
            return isShared ? MemoryRegionKind.Shared : MemoryRegionKind.Anonymous;
        return null;
    }

    private static MemoryRegionKind KindOfPath(string path) => path switch
    {
        _ when path.StartsWith("/dev/shm/", StringComparison.Ordinal) => MemoryRegionKind.Shared,
        _ when path.StartsWith("/dev/", StringComparison.Ordinal) || !path.StartsWith('/') => MemoryRegionKind.Device,
        _ => MemoryRegionKind.File,
    };

    /// <summary>The name as it is, without escapes; null where this kernel or user may not ask.</summary>
    private string? LinkOf(ulong start, ulong end)
    {
        string range = string.Create(CultureInfo.InvariantCulture, $"map_files/{start:x}-{end:x}");
        try
        {
            return new FileInfo(ProcessFile.PathOf(process, range)).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether the file of that inode stands under this very name, in the process's own view of the files.</summary>
    private bool IsThere(string path, ulong inode)
    {
        NativePath seen = NativePath.From(ProcessFile.PathOf(process, "root" + path));
        long result = FileMetadata.Status(Descriptor.WorkingDirectory, seen, MetadataCalls.AtNoFollow, out Statx status);
        return result >= 0 && status.Inode == inode;
    }
}
