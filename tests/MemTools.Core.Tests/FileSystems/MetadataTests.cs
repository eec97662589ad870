using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.FileSystems;

/// <summary>What -Preserve names: kept where the file system can, a warning where it cannot.</summary>
[Collection(MountingTests.Name)]
public sealed class MetadataTests(MountedFileSystems systems)
{
    private const uint Owner = 1234;
    private const uint Group = 4321;

    /// <summary>set-user-ID, and less for the group than for the world, which an access control list's mask would hide.</summary>
    private const uint Mode = 0x800 | 0x1C0 | 0x28 | 0x4;

    private static readonly StatxTimestamp Accessed = new() { Seconds = 1_234_567_890, Nanoseconds = 987_654_321 };
    private static readonly StatxTimestamp Modified = new() { Seconds = 1_600_000_001, Nanoseconds = 123_456_789 };

    [SkippableTheory]
    [InlineData(FileSystemKind.Ext4)]
    [InlineData(FileSystemKind.Ext4SmallBlocks)]
    [InlineData(FileSystemKind.XfsReflink)]
    [InlineData(FileSystemKind.XfsPlain)]
    [InlineData(FileSystemKind.Btrfs)]
    [InlineData(FileSystemKind.Tmpfs)]
    public void All_of_it_is_kept_in_new_files_over_old_ones_and_in_place(FileSystemKind kind)
    {
        using TempDirectory folder = systems.Folder(kind);
        string source = MakeSource(folder);
        string old = folder.Write("old", [1]);
        SetAttribute(old, "user.of-the-old", [9]);
        Tool.RunChecked(Tool.Need("setfacl", "acl"), "-m", "u:77:r", old);
        string inPlace = folder.Write("in-place", [1]);
        Tool.RunChecked("setfacl", "-m", "u:77:r", inPlace);
        AssertKept(source, folder["new"], new() { Preserve = PreserveItems.All });
        AssertKept(source, old, new() { Preserve = PreserveItems.All });
        AssertKept(source, inPlace, new() { Preserve = PreserveItems.All, InPlace = true });
        foreach (CopyMethod method in FileSystemTraits.Methods.Where(method => FileSystemTraits.Offers(kind, method, folder.Path)))
            AssertKept(source, folder[$"by-{method}"], new() { Preserve = PreserveItems.All, Method = method });
    }

    [SkippableTheory]
    [InlineData(FileSystemKind.Ext4, FileSystemKind.XfsPlain)]
    [InlineData(FileSystemKind.XfsReflink, FileSystemKind.Btrfs)]
    [InlineData(FileSystemKind.Btrfs, FileSystemKind.Ext4SmallBlocks)]
    public void All_of_it_crosses_borders(FileSystemKind from, FileSystemKind to)
    {
        using TempDirectory one = systems.Folder(from);
        using TempDirectory other = systems.Folder(to);
        AssertKept(MakeSource(one), other["copy"], new() { Preserve = PreserveItems.All });
    }

    /// <summary>What the source does not supply, a replaced file keeps.</summary>
    [SkippableTheory]
    [InlineData(FileSystemKind.Ext4)]
    [InlineData(FileSystemKind.XfsReflink)]
    [InlineData(FileSystemKind.Btrfs)]
    [InlineData(FileSystemKind.Overlay)]
    public void A_replaced_file_keeps_owner_list_and_attributes(FileSystemKind kind)
    {
        using TempDirectory folder = systems.Folder(kind);
        string source = folder.Write("source", [1, 2, 3]);
        string old = folder.Write("old", [4]);
        Skip.If(kind == FileSystemKind.Overlay && !TakesAttributes(old), "this overlay takes no attributes of users");
        SetAttribute(old, "user.kept", [9, 8]);
        using (Descriptor file = FileFacts.Open(old, OpenFlags.ReadWrite))
            Assert.Equal(0, FileMetadata.SetOwner(file, Owner, Group));
        Tool.RunChecked(Tool.Need("setfacl", "acl"), "-m", "u:77:r,m::rwx", old);
        string list = AccessControlList(old);
        ulong inode = FileFacts.Of(old).Inode;
        FileTransferResult result = Copies.Copy(source, old, new() { Preserve = PreserveItems.Timestamps });
        Assert.Equal("Renamed", result.Replacement);
        Assert.Empty(result.Warnings);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(old));
        Assert.NotEqual(inode, FileFacts.Of(old).Inode);
        Assert.Equal((Owner, Group), (FileFacts.Of(old).User, FileFacts.Of(old).Group));
        Assert.Equal(list, AccessControlList(old));
        Assert.Equal([9, 8], Attribute(old, "user.kept"));
    }

    [SkippableFact]
    public void What_ramfs_cannot_keep_is_a_warning_and_the_rest_is_kept()
    {
        using TempDirectory one = systems.Folder(FileSystemKind.Ext4);
        using TempDirectory other = systems.Folder(FileSystemKind.Ramfs);
        Skip.If(TakesAttributes(other.Write("probe", [])), "ramfs takes attributes on this kernel");
        string source = MakeSource(one);
        FileTransferResult result = Copies.Copy(source, other["copy"], new() { Preserve = PreserveItems.All });
        // Before reading, which changes the access time.
        AssertTimes(other["copy"]);
        Content.AssertSame(source, other["copy"]);
        Assert.Equal(2, result.Warnings.Count);
        Assert.Contains(result.Warnings, warning => warning.Contains("attribute user.tag", StringComparison.Ordinal));
        Assert.Contains(result.Warnings, warning => warning.Contains("access control list", StringComparison.Ordinal));
        Assert.All(result.Warnings, warning => Assert.Contains("fsetxattr: EOPNOTSUPP", warning, StringComparison.Ordinal));
        Assert.Equal((Owner, Group), (FileFacts.Of(other["copy"]).User, FileFacts.Of(other["copy"]).Group));
        Assert.Equal(FileFacts.ModeOf(source), FileFacts.ModeOf(other["copy"]));
    }

    [SkippableTheory]
    [InlineData(FileSystemKind.Ramfs)]
    [InlineData(FileSystemKind.Overlay)]
    [InlineData(FileSystemKind.Ext2)]
    [InlineData(FileSystemKind.Fuse)]
    public void A_file_without_lists_and_attributes_gives_no_warning_anywhere(FileSystemKind kind)
    {
        using TempDirectory one = systems.Folder(FileSystemKind.Ext4);
        using TempDirectory other = systems.Folder(kind);
        string source = one.Write("source", Content.Random(5000));
        foreach (string replacement in (string[])["New", "Renamed"])
        {
            FileTransferResult result = Copies.Copy(source, other["copy"], new() { Preserve = PreserveItems.All });
            Assert.Equal(replacement, result.Replacement);
            Assert.Empty(result.Warnings);
        }
    }

    /// <summary>ext2's inodes of 128 bytes count seconds.</summary>
    [SkippableFact]
    public void Times_are_kept_as_fine_as_the_file_system_counts()
    {
        using TempDirectory one = systems.Folder(FileSystemKind.Ext4);
        using TempDirectory other = systems.Folder(FileSystemKind.Ext2);
        Copies.Copy(MakeSource(one), other["copy"], new() { Preserve = PreserveItems.All });
        Assert.Equal((Modified.Seconds, 0u), (FileFacts.Of(other["copy"]).ModifyTime.Seconds, FileFacts.Of(other["copy"]).ModifyTime.Nanoseconds));
    }

    /// <summary>As vfat does it: fchmod succeeds, and the mode is what it was.</summary>
    [SkippableFact]
    public void A_mode_that_is_taken_and_not_kept_is_a_warning()
    {
        string strace = Tool.Need("strace", "strace");
        using TempDirectory folder = systems.Folder(FileSystemKind.Ext4);
        string source = folder.Write("source", [1, 2, 3]);
        FileFacts.SetMode(source, 0x1A0);
        string destination = folder.Write("copy", [4]);
        string[] pretending =
            [strace, "-f", "-qq", "-o", folder["log"], "-e", "trace=fchmod", "-e", "inject=fchmod:retval=0", .. ProcessMemTools.Command];
        ProcessResult result = ProcessRun.Execute([.. pretending, "copy", "--json", source, destination]);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal([1, 2, 3], File.ReadAllBytes(destination));
        string warning = Assert.Single(ProcessReport.Of(result).Warnings);
        Assert.Equal($"The mode could not be kept: '{destination}' has 600 where 640 was set.", warning);
    }

    [SkippableFact]
    public void What_vfat_cannot_keep_is_a_warning()
    {
        using TempDirectory one = systems.Folder(FileSystemKind.Ext4);
        using TempDirectory other = systems.Folder(FileSystemKind.Vfat);
        string source = MakeSource(one);
        foreach (string replacement in (string[])["New", "Renamed"])
        {
            FileTransferResult result = Copies.Copy(source, other["copy"], new() { Preserve = PreserveItems.All });
            Content.AssertSame(source, other["copy"]);
            Assert.Equal(replacement, result.Replacement);
            foreach (string what in (string[])["owner and group", "attribute user.tag", "access control list", "mode"])
                Assert.Contains(result.Warnings, warning => warning.Contains(what, StringComparison.Ordinal));
        }

        Assert.Equal(["copy"], other.Names);
    }

    private static string MakeSource(TempDirectory folder)
    {
        string source = folder.Write("source", Content.Random(70_000));
        SetAttribute(source, "user.tag", [0, 1, 255]);
        using (Descriptor file = FileFacts.Open(source, OpenFlags.ReadWrite))
        {
            Assert.Equal(0, FileMetadata.SetOwner(file, Owner, Group));
            Assert.Equal(0, FileMetadata.SetMode(file, Mode));
        }

        Tool.RunChecked(Tool.Need("setfacl", "acl"), "-m", "u:1001:rw,g:1002:x", source);
        using Descriptor again = FileFacts.Open(source, OpenFlags.ReadWrite);
        Assert.Equal(0, FileMetadata.SetTimes(again, Accessed, Modified));
        return source;
    }

    private static void AssertKept(string source, string copy, FileCopyOptions options)
    {
        // Reading the source for another copy may have changed its access time.
        using (Descriptor file = FileFacts.Open(source, OpenFlags.ReadWrite))
            Assert.Equal(0, FileMetadata.SetTimes(file, Accessed, Modified));
        FileTransferResult result = Copies.Copy(source, copy, options);
        Assert.Empty(result.Warnings);
        AssertTimes(copy);
        Content.AssertSame(source, copy);
        Statx status = FileFacts.Of(copy);
        Assert.Equal((Owner, Group), (status.User, status.Group));
        Assert.Equal(FileFacts.ModeOf(source), FileFacts.ModeOf(copy));
        Assert.Equal(0x800u, FileFacts.ModeOf(copy) & 0x800u);
        Assert.Equal(AccessControlList(source), AccessControlList(copy));
        Assert.Contains("user:1001:rw-", AccessControlList(copy), StringComparison.Ordinal);
        Assert.Equal([0, 1, 255], Attribute(copy, "user.tag"));
    }

    private static void AssertTimes(string path)
    {
        Statx status = FileFacts.Of(path);
        Assert.Equal(Modified, status.ModifyTime);
        Assert.Equal(Accessed, status.AccessTime);
    }

    private static string AccessControlList(string path) =>
        Tool.RunChecked("getfacl", "--omit-header", "--numeric", "--absolute-names", path);

    private static bool TakesAttributes(string path)
    {
        using Descriptor file = FileFacts.Open(path, OpenFlags.ReadWrite);
        return ExtendedAttributes.Set(file, "user.probe", [1]) == 0 && ExtendedAttributes.Remove(file, "user.probe") == 0;
    }

    private static void SetAttribute(string path, string name, byte[] value)
    {
        using Descriptor file = FileFacts.Open(path, OpenFlags.ReadWrite);
        long result = ExtendedAttributes.Set(file, name, value);
        Skip.If(KernelResult.ErrnoOf(result) == Errno.EOPNOTSUPP, "no attributes of users here");
        Assert.Equal(0, result);
    }

    private static byte[] Attribute(string path, string name)
    {
        using Descriptor file = FileFacts.Open(path, OpenFlags.ReadOnly);
        Assert.True(ExtendedAttributes.Get(file, name, out byte[] value) >= 0, $"{name} is missing on '{path}'.");
        return value;
    }
}
