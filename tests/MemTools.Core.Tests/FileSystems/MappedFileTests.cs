using MemTools.Kernel;
using MemTools.Memory;
using MemTools.Tests.Support;

namespace MemTools.Tests.FileSystems;

/// <summary>Mapped files and the page cache on each file system.</summary>
[Collection(MountingTests.Name)]
public sealed class MappedFileTests(MountedFileSystems systems)
{
    private const int Room = 3 * 1024 * 1024;

    public static TheoryData<FileSystemKind> Kinds => FileSystemTraits.Kinds;

    public static TheoryData<FileSystemKind> Filling =>
        [.. FileSystemTraits.All.Where(kind => FileSystemTraits.HasLimit(kind) && FileSystemTraits.ShowsHoles(kind))];

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public void Reads_writes_and_keeps_private_what_is_private(FileSystemKind kind)
    {
        using TempDirectory folder = systems.Folder(kind);
        byte[] content = Content.Random(1_000_003);
        string path = folder.Write("file", content);
        using MappedFile shared = MappedFile.Open(path, new() { Mode = MappedFileMode.ReadWrite, Offset = 1 });
        using MappedFile secret = MappedFile.Open(path, new() { Mode = MappedFileMode.Private });
        Assert.Equal(content[1..], shared.Read(0, content.Length - 1));
        secret.WriteString(500, "secret");
        shared.WriteString(999_990, "shared");
        shared.Sync();
        Assert.Equal("secret", secret.ReadString(500, 6));
        Assert.Equal("shared", secret.ReadString(999_991, 6));
        "shared"u8.CopyTo(content.AsSpan(999_991));
        Content.AssertSame(content, path);
    }

    [SkippableTheory]
    [MemberData(nameof(Filling))]
    public void A_hole_that_cannot_be_filled_is_no_space_and_no_crash(FileSystemKind kind)
    {
        using TempDirectory folder = systems.Folder(kind);
        using MappedFile file = MappedFile.Open(
            folder["sparse"], new() { Mode = MappedFileMode.ReadWrite, Create = true, Length = 8 * Room });
        using FilledFileSystem full = new(systems.Need(kind), Room);
        byte[] bytes = Content.Random(8 * Room);
        MappedAccess access = file.TryWrite(0, bytes);
        SystemCallException error = Assert.IsType<SystemCallException>(access.Failure);
        Assert.Equal(("ENOSPC", ErrorKind.NoSpace), (error.ErrorName, error.Kind));
        Assert.Equal(8 * Room, new FileInfo(file.Path).Length);
        Assert.InRange(access.Count, 0, 3 * Room);
        Assert.Equal(bytes[..(int)access.Count], file.Read(0, (int)access.Count));
    }

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public void Eviction_loses_nothing(FileSystemKind kind)
    {
        using TempDirectory folder = systems.Folder(kind);
        byte[] content = Content.Random((9 << 20) + 5);
        string path = folder.Write("file", content);
        using CachedFile file = CachedFile.Open(NativePath.From(path));
        PageCacheChange change = new PageCacheControl(PageCacheAction.Evict, 0, null, default).Apply(file);
        bool inMemory = kind is FileSystemKind.Tmpfs or FileSystemKind.Ramfs or FileSystemKind.Overlay;
        Assert.True(inMemory || change.ResidentPagesAfter == 0, $"{change.ResidentPagesAfter} of {change.Pages} pages stayed.");
        Content.AssertSame(content, path);
        PageCacheChange loaded = new PageCacheControl(PageCacheAction.Load, 0, null, default).Apply(file);
        Assert.Equal(true, loaded.Complete);
    }

    [SkippableFact]
    public void Read_only_media_are_read_and_copied_on_write()
    {
        using TempDirectory points = systems.MountPoints();
        string folder = points.MakeDirectory("read-only");
        using IDisposable mounted = systems.Mount(folder, "-t", "tmpfs", "tmpfs");
        string path = Path.Combine(folder, "file");
        File.WriteAllBytes(path, [7, 8, 9]);
        Tool.RunChecked("mount", "-o", "remount,ro", folder);
        using (MappedFile file = MappedFile.Open(path))
            Assert.Equal([7, 8, 9], file.Read(0, 3));
        using (MappedFile secret = MappedFile.Open(path, new() { Mode = MappedFileMode.Private }))
        {
            secret.WriteByte(1, 1);
            Assert.Equal([7, 1, 9], secret.Read(0, 3));
        }

        SystemCallException error = Assert.Throws<SystemCallException>(() => MappedFile.Open(path, new() { Mode = MappedFileMode.ReadWrite }));
        Assert.Equal(ErrorKind.ReadOnly, error.Kind);
        using CachedFile cached = CachedFile.Open(NativePath.From(path));
        Assert.Equal(1, PageCacheReader.Read(cached, detailed: true).ResidentPages);
    }

    [SkippableFact]
    public void Huge_pages_come_where_tmpfs_gives_them()
    {
        using TempDirectory points = systems.MountPoints();
        string folder = points.MakeDirectory("huge");
        using IDisposable mounted = systems.Mount(folder, "-t", "tmpfs", "-o", "huge=always,size=64m", "tmpfs");
        MappedFileOptions options = new() { Mode = MappedFileMode.ReadWrite, Create = true, Length = 16 << 20, HugePage = true };
        using MappedFile file = MappedFile.Open(Path.Combine(folder, "file"), options);
        file.WriteInt32(3, 5);
        Assert.True(file.HugePage);
        Assert.Equal(5, file.ReadInt32(3));
    }

    [SkippableFact]
    public void Files_of_huge_pages_alone_are_mapped_in_those_and_say_when_none_is_free()
    {
        using TempDirectory points = systems.MountPoints();
        string folder = points.MakeDirectory("hugetlbfs");
        using IDisposable mounted = systems.Mount(folder, "-t", "hugetlbfs", "-o", "pagesize=2M", "none");
        MappedFileOptions options = new() { Mode = MappedFileMode.ReadWrite, Create = true, Length = 6 << 20 };
        using (new HugePagesOnDemand(8))
        using (MappedFile file = MappedFile.Open(Path.Combine(folder, "file"), options))
        {
            Assert.Equal((2L << 20, true), (file.PageSize, file.HugePage));
            file.WriteString((2 << 20) - 3, "across");
            Assert.Equal("across", file.ReadString((2 << 20) - 3, 6));
            using MappedFile part = MappedFile.Open(file.Path, new() { Offset = (2 << 20) - 3, Length = 6 });
            Assert.Equal("across", part.ReadString(0, 6));
        }

        using (new HugePagesOnDemand(0))
        {
            Exception error = Assert.ThrowsAny<Exception>(() =>
            {
                using MappedFile file = MappedFile.Open(
                    Path.Combine(folder, "more"), new() { Mode = MappedFileMode.ReadWrite, Create = true, Length = 1L << 40 });
                file.WriteByte(0, 1);
            });
            Assert.Contains(((IHasErrorKind)error).Kind, (ErrorKind[])[ErrorKind.NoSpace, ErrorKind.OutOfMemory]);
        }
    }

    [SkippableFact]
    public void What_is_written_into_an_overlay_gets_to_the_disk_also_where_it_can_only_be_waited_for()
    {
        using TempDirectory below = systems.Folder(FileSystemKind.Ext4);
        using TempDirectory points = systems.MountPoints();
        string layers = $"lowerdir={below.MakeDirectory("lower")},upperdir={below.MakeDirectory("upper")},workdir={below.MakeDirectory("work")}";
        using IDisposable mounted = systems.Mount(points.MakeDirectory("mount"), "-t", "overlay", "-o", layers, "overlay");
        File.WriteAllBytes(points["mount/file"], new byte[100_000]);
        using MappedFile file = MappedFile.Open(points["mount/file"], new() { Mode = MappedFileMode.ReadWrite });
        file.Write(0, Content.Random(100_000));
        Assert.True(Dirty(below["upper/file"]) > 0, "Nothing was dirty.");
        Assert.True(file.Sync(wait: false).Waited);
        Assert.Equal(0, Dirty(below["upper/file"]));
    }

    private static long Dirty(string path)
    {
        using CachedFile file = CachedFile.Open(NativePath.From(path));
        Skip.IfNot(PageCacheReader.TryCount(file, 0, file.Length, out CacheStatus status), "this kernel does not count dirty pages");
        return status.Dirty + status.Writeback;
    }

    /// <summary>Lets the kernel make huge pages when they are asked for, up to a number, for as long as it lives.</summary>
    private sealed class HugePagesOnDemand : IDisposable
    {
        private const string Setting = "/proc/sys/vm/nr_overcommit_hugepages";

        private readonly string _before = File.ReadAllText(Setting);

        internal HugePagesOnDemand(int pages) => File.WriteAllText(Setting, pages.ToString(System.Globalization.CultureInfo.InvariantCulture));

        public void Dispose() => File.WriteAllText(Setting, _before);
    }
}
