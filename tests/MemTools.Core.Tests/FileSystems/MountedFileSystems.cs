using MemTools.Tests.Support;

namespace MemTools.Tests.FileSystems;

/// <summary>The tests that mount: one at a time, all with the same mounts.</summary>
[CollectionDefinition(Name)]
public sealed class MountingTests : ICollectionFixture<MountedFileSystems>
{
    internal const string Name = "mounted file systems";
}

/// <summary>
/// File systems in image files, each made when the first test needs it and unmounted after the last. A test that
/// needs one which cannot be had here is skipped with the reason.
/// </summary>
public sealed class MountedFileSystems : IDisposable
{
    private const long MiB = 1024 * 1024;

    private readonly Dictionary<FileSystemKind, (string Path, string? Problem)> _made = [];
    private MountArea? _area;

    private MountArea Area => _area ??= new MountArea();

    /// <summary>The mount point.</summary>
    internal string Need(FileSystemKind kind)
    {
        Machine.NeedRoot();
        if (!_made.TryGetValue(kind, out (string Path, string? Problem) made))
            _made[kind] = made = Make(kind);
        Skip.If(made.Problem is not null, $"no {kind} here: {made.Problem}");
        return made.Path;
    }

    /// <summary>A folder of one test's own.</summary>
    internal TempDirectory Folder(FileSystemKind kind) => new(Need(kind));

    /// <summary>A mount of one test's own, such as a read-only one, at a path that exists.</summary>
    internal IDisposable Mount(string target, params string[] arguments)
    {
        _ = Area;
        return Machine.Mount(target, arguments);
    }

    /// <summary>A folder outside all of them, removed at the end, for mount points.</summary>
    internal TempDirectory MountPoints() => new(Area.Path);

    public void Dispose() => _area?.Dispose();

    private (string Path, string? Problem) Make(FileSystemKind kind)
    {
        string target = Directory.CreateDirectory(Path.Combine(Area.Path, kind.ToString())).FullName;
        string? problem = kind switch
        {
            FileSystemKind.Ext4 => Image(target, 160 * MiB, "mkfs.ext4", "e2fsprogs", "-q", "-F", "-b", "4096", "-I", "256"),
            FileSystemKind.Ext4SmallBlocks => Image(target, 96 * MiB, "mkfs.ext4", "e2fsprogs", "-q", "-F", "-b", "1024", "-I", "256"),
            FileSystemKind.Ext2 => Image(target, 64 * MiB, "mkfs.ext2", "e2fsprogs", "-q", "-F", "-b", "1024", "-I", "128"),
            FileSystemKind.XfsReflink => Image(target, 320 * MiB, "mkfs.xfs", "xfsprogs", "-q", "-f", "-m", "crc=1,reflink=1"),
            FileSystemKind.XfsPlain => Image(target, 320 * MiB, "mkfs.xfs", "xfsprogs", "-q", "-f", "-m", "crc=1,reflink=0"),
            FileSystemKind.Btrfs => Image(target, 192 * MiB, "mkfs.btrfs", "btrfs-progs", "-q", "-f"),
            FileSystemKind.Vfat => Image(target, 96 * MiB, "mkfs.vfat", "dosfstools"),
            FileSystemKind.Tmpfs => TryMount("-t", "tmpfs", "-o", "size=96m", "tmpfs", target),
            FileSystemKind.Ramfs => TryMount("-t", "ramfs", "ramfs", target),
            FileSystemKind.Overlay => Overlay(target),
            FileSystemKind.Fuse => Fuse(target),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a file system that can be made."),
        };
        return (target, problem);
    }

    private static string? Image(string target, long size, string maker, string package, params string[] arguments) =>
        MakeImage(target + ".image", size, maker, package, arguments)
        ?? TryMount("-o", "loop", target + ".image", target);

    private static string? MakeImage(string image, long size, string maker, string package, params string[] arguments)
    {
        if (Tool.Find(maker) is not { } program)
            return $"no {maker} on PATH; Debian: {package}";
        using (FileStream file = File.Create(image))
            file.SetLength(size);
        return Problem(program, [.. arguments, image]);
    }

    /// <summary>The layers lie in one tmpfs.</summary>
    private static string? Overlay(string target)
    {
        string layers = Directory.CreateDirectory(target + ".layers").FullName;
        if (TryMount("-t", "tmpfs", "-o", "size=96m", "tmpfs", layers) is { } problem)
            return problem;
        string lower = Directory.CreateDirectory(Path.Combine(layers, "lower")).FullName;
        string upper = Directory.CreateDirectory(Path.Combine(layers, "upper")).FullName;
        string work = Directory.CreateDirectory(Path.Combine(layers, "work")).FullName;
        return TryMount("-t", "overlay", "-o", $"lowerdir={lower},upperdir={upper},workdir={work}", "overlay", target);
    }

    private static string? Fuse(string target)
    {
        if (Tool.Find("fuse2fs") is not { } program)
            return "no fuse2fs on PATH; Debian: fuse2fs";
        string image = target + ".image";
        return MakeImage(image, 64 * MiB, "mkfs.ext4", "e2fsprogs", "-q", "-F", "-b", "4096", "-I", "256")
            ?? Problem("/bin/sh", "-c", $"exec {program} '{image}' '{target}' -o fakeroot >/dev/null 2>&1");
    }

    private static string? TryMount(params string[] arguments) =>
        Tool.Find("mount") is { } program ? Problem(program, arguments) : "no mount on PATH; Debian: mount";

    private static string? Problem(string program, params string[] arguments)
    {
        (int exitCode, string output) = Tool.Run(program, arguments);
        return exitCode == 0 ? null : $"{Path.GetFileName(program)}: exit code {exitCode}: {output.Trim()}";
    }
}
