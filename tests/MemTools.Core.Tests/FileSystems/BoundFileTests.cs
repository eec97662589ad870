using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.FileSystems;

/// <summary>A file on which another is mounted, as containers do with their configuration: renaming over it fails.</summary>
[Collection(MountingTests.Name)]
public sealed class BoundFileTests(MountedFileSystems systems)
{
    public static TheoryData<FileSystemKind> Kinds => FileSystemTraits.Kinds;

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public void It_is_written_in_place(FileSystemKind kind)
    {
        using TempDirectory folder = systems.Folder(kind);
        using TempDirectory other = systems.MountPoints();
        string bound = other.Write("bound", Content.Random(9000, seed: 2));
        string destination = folder.Write("copy", [1]);
        using IDisposable mounted = systems.Mount(destination, "--bind", bound);
        ulong inode = FileFacts.Of(bound).Inode;
        byte[] content = Content.Random(5000);
        FileTransferResult result = Copies.Copy(folder.Write("source", content), destination);
        Assert.Equal("InPlace", result.Replacement);
        Content.AssertSame(content, destination);
        Content.AssertSame(content, bound);
        Assert.Equal((inode, inode), (FileFacts.Of(bound).Inode, FileFacts.Of(destination).Inode));
        Assert.Equal(["copy", "source"], folder.Names);
    }

    [SkippableFact]
    public void RequireAtomic_refuses_it()
    {
        using TempDirectory folder = systems.Folder(FileSystemKind.Ext4);
        string bound = folder.Write("bound", [7, 8]);
        string destination = folder.Write("copy", [1]);
        using IDisposable mounted = systems.Mount(destination, "--bind", bound);
        TransferException error = Copies.Fails(
            ErrorKind.NotAtomic, folder.Write("source", [1, 2, 3]), destination, new() { RequireAtomic = true });
        Assert.Contains("something is mounted on it", error.Message, StringComparison.Ordinal);
        Assert.Equal([7, 8], File.ReadAllBytes(bound));
    }

    [SkippableFact]
    public void The_bound_file_itself_is_the_same_file()
    {
        using TempDirectory folder = systems.Folder(FileSystemKind.Ext4);
        string bound = folder.Write("bound", [7, 8]);
        string destination = folder.Write("copy", [1]);
        using IDisposable mounted = systems.Mount(destination, "--bind", bound);
        Copies.Fails(ErrorKind.SameFile, bound, destination);
        Assert.Equal([7, 8], File.ReadAllBytes(bound));
    }

    /// <summary>Inode numbers begin anew on each file system, so that two files may well have the same.</summary>
    [SkippableFact]
    public void A_file_of_another_file_system_with_the_number_of_one_just_written_is_another()
    {
        using TempDirectory folder = systems.Folder(FileSystemKind.Tmpfs);
        using TempDirectory points = systems.MountPoints();
        string elsewhere = points.MakeDirectory("elsewhere");
        using IDisposable mounted = systems.Mount(elsewhere, "-t", "tmpfs", "tmpfs");
        using TempDirectory sources = systems.Folder(FileSystemKind.Ext4);
        string first = sources.Write("first", [1]);
        string second = sources.Write("second", [2]);
        string target = folder.MakeDirectory("out");
        using FileCopySession session = new(target, new());
        session.Copy(first);
        ulong wanted = FileFacts.Of(Path.Combine(target, "first")).Inode;
        string? twin = MakeInode(elsewhere, wanted);
        Skip.If(twin is null, "no file with that number could be made");
        string destination = Path.Combine(target, "second");
        File.WriteAllBytes(destination, [3]);
        using IDisposable bind = systems.Mount(destination, "--bind", twin!);
        Assert.Equal("InPlace", session.Copy(second).Replacement);
        Assert.Equal([2], File.ReadAllBytes(twin!));
    }

    private static string? MakeInode(string folder, ulong wanted)
    {
        const int most = 20_000;
        for (int i = 0; i < most; i++)
        {
            string path = Path.Combine(folder, "twin");
            File.WriteAllBytes(path, []);
            ulong inode = FileFacts.Of(path).Inode;
            if (inode == wanted)
                return path;
            if (inode > wanted)
                return null;
            File.Delete(path);
        }

        return null;
    }
}
