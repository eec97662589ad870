using System.Net.Sockets;
using MemTools.Tests.Support;
using MemTools.Transfer;
using MemTools.Transfer.Trees;

namespace MemTools.Tests.Transfer.Trees;

/// <summary>What items of all kinds take from their source.</summary>
public class TreeItemTests
{
    private static readonly TreeCopyOptions All = new() { File = new() { Preserve = PreserveItems.All }, SpecialFile = SpecialFileMode.Recreate };

    [SkippableFact]
    public void Attributes_lists_modes_owners_and_times_are_kept()
    {
        Machine.NeedRoot();
        string setfacl = Tool.Need("setfacl", "acl");
        string setfattr = Tool.Need("setfattr", "attr");
        using TempDirectory folder = new();
        folder.MakeDirectory("source/dir/sub");
        foreach (string name in (string[])["source/dir/plain", "source/dir/owned", "source/file"])
            folder.Write(name, Content.Random(1000));
        Tool.RunChecked("chown", "1234:2345", folder["source/dir/owned"], folder["source/dir/sub"]);
        Tool.RunChecked("chmod", "6755", folder["source/dir/owned"]);
        Tool.RunChecked("chmod", "3775", folder["source/dir/sub"]);
        Tool.RunChecked(setfacl, "-m", "u:1234:rw,g:2345:r", folder["source/file"]);
        Tool.RunChecked(setfacl, "-d", "-m", "u:1234:rwx", folder["source/dir"]);
        Tool.RunChecked(setfacl, "-m", "u:4321:rx", folder["source/dir"]);
        Tool.RunChecked(setfattr, "-n", "user.note", "-v", "of a file", folder["source/file"]);
        Tool.RunChecked(setfattr, "-n", "user.note", "-v", "of a directory", folder["source/dir/sub"]);
        File.CreateSymbolicLink(folder["source/link"], "file");
        Tool.RunChecked("touch", "-h", "-d", "1950-01-02 03:04:05.123456789 UTC", folder["source/link"], folder["source/dir/plain"]);
        Tool.RunChecked("touch", "-d", "2160-01-02 03:04:05.987654321 UTC", folder["source/dir/sub"]);
        Tool.RunChecked("touch", "-d", "1931-01-02 03:04:05.000000001 UTC", folder["source/dir"]);
        TreeCopies.CopyChecked(folder["source"], folder["copy"], All);
        TreeCopies.AssertSame(folder["source"], folder["copy"]);
        foreach (string name in (string[])["link", "dir", "dir/plain", "dir/sub"])
        {
            Assert.Equal(FileFacts.Of(folder["source/" + name]).ModifyTime, FileFacts.Of(folder["copy/" + name]).ModifyTime);
            Assert.Equal(FileFacts.ModeOf(folder["source/" + name]), FileFacts.ModeOf(folder["copy/" + name]));
        }
    }

    [SkippableFact]
    public void Sockets_devices_and_pipes_are_made_again()
    {
        Machine.NeedRoot();
        using TempDirectory folder = new();
        folder.MakeDirectory("source");
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(folder["source/socket"]));
        Machine.MakeFifo(folder["source/fifo"]);
        (int exitCode, string output) = Tool.Run("mknod", folder["source/character"], "c", "5", "300");
        Skip.If(exitCode != 0, $"devices cannot be made here: {output}");
        Tool.RunChecked("mknod", folder["source/block"], "b", "7", "200");
        FileTransferResult[] results = TreeCopies.CopyChecked(folder["source"], folder["copy"], All);
        TreeCopies.AssertSame(folder["source"], folder["copy"]);
        Assert.Equal(
            ["BlockDevice", "CharacterDevice", "Directory", "Fifo", "Socket"], results.Select(result => result.ItemType).Order(StringComparer.Ordinal));
        Assert.Equal("5:12c", Tool.RunChecked("stat", "-c", "%t:%T", folder["copy/character"]).Trim());
        List<TreeOutcome> skipped = TreeCopies.Copy(folder["source"], folder["skipped"]);
        Assert.Equal(4, skipped.Count(outcome => outcome.Warning is not null));
        Assert.Empty(Directory.GetFileSystemEntries(folder["skipped"]));
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_mount_inside_is_copied_or_left_empty(bool oneFileSystem)
    {
        using TempDirectory folder = new();
        folder.MakeDirectory("source/dir/mount");
        folder.Write("source/dir/file", [1]);
        using (Machine.Mount(folder["source/dir/mount"], "-t", "tmpfs", "tmpfs"))
        {
            folder.Write("source/dir/mount/other", [1]);
            TreeCopies.CopyChecked(folder["source"], folder["copy"], new() { OneFileSystem = oneFileSystem });
            Assert.True(File.Exists(folder["copy/dir/file"]));
            Assert.True(Directory.Exists(folder["copy/dir/mount"]));
            Assert.Equal(!oneFileSystem, File.Exists(folder["copy/dir/mount/other"]));
        }
    }

    [Fact]
    public void Names_that_differ_in_case_or_normalisation_alone_stay_apart()
    {
        using TempDirectory folder = new();
        folder.MakeDirectory("source/Dir");
        folder.MakeDirectory("source/dir");
        foreach (string name in (string[])["Name", "name", "e\u0301", "\u00e9", "Dir/x", "dir/X", "\u212b", "\u00c5"])
            folder.Write("source/" + name, System.Text.Encoding.UTF8.GetBytes(name));
        TreeCopies.CopyChecked(folder["source"], folder["copy"]);
        Assert.Equal(string.Empty, Tool.RunChecked("diff", "-r", folder["source"], folder["copy"]));
        Assert.Equal(8, Directory.GetFiles(folder["copy"], "*", SearchOption.AllDirectories).Length);
    }

    [Theory]
    [InlineData(SymlinkMode.Preserve, "SymbolicLink SymbolicLink SymbolicLink")]
    [InlineData(SymlinkMode.Follow, "Directory File")]
    [InlineData(SymlinkMode.Skip, "")]
    public void Links_are_kept_followed_or_left_out(SymlinkMode mode, string types)
    {
        using TempDirectory folder = new();
        folder.MakeDirectory("source");
        folder.MakeDirectory("outside");
        folder.Write("file", "text"u8);
        File.CreateSymbolicLink(folder["source/file"], "../file");
        File.CreateSymbolicLink(folder["source/dangling"], "nowhere");
        File.CreateSymbolicLink(folder["source/dir"], folder["outside"]);
        List<TreeOutcome> outcomes = TreeCopies.Copy(folder["source"], folder["copy"], new() { Symlink = mode });
        Assert.Equal(
            types,
            string.Join(' ', outcomes.Where(outcome => outcome.Result is { } result && result.Destination != folder["copy"])
                .Select(outcome => outcome.Result!.ItemType).Order(StringComparer.Ordinal)));
        Assert.Equal(mode == SymlinkMode.Follow ? 1 : 0, outcomes.Count(outcome => outcome.Error is not null));
        if (mode == SymlinkMode.Preserve)
            Assert.Equal("../file", new FileInfo(folder["copy/file"]).LinkTarget);
        if (mode == SymlinkMode.Follow)
            Assert.Equal("text", File.ReadAllText(folder["copy/file"]));
    }

    [SkippableFact]
    public void Holes_stay_holes()
    {
        using TempDirectory folder = new();
        folder.MakeDirectory("source");
        using (FileStream file = File.Create(folder["source/sparse"]))
        {
            file.SetLength(64 << 20);
            file.Seek(32 << 20, SeekOrigin.Begin);
            file.Write(Content.Random(4096));
        }

        long Allocated(string path) => long.Parse(Tool.RunChecked("stat", "-c", "%b", path), null) * 512;
        Skip.If(Allocated(folder["source/sparse"]) > 1 << 20, "the file system has no holes");
        TreeCopies.CopyChecked(folder["source"], folder["copy"]);
        Assert.Equal(string.Empty, Tool.RunChecked("cmp", folder["source/sparse"], folder["copy/sparse"]));
        Assert.True(Allocated(folder["copy/sparse"]) <= 1 << 20);
    }
}
