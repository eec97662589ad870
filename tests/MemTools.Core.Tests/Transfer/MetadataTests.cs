using System.Text;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.Transfer;

/// <summary>What a destination has besides its bytes: from the source what -Preserve names, the rest its own.</summary>
public class MetadataTests
{
    private const uint SetUserId = 0x800;
    private const uint Nobody = 65534;

    private static readonly byte[] Bytes = Content.Random(5000);

    public static TheoryData<string> Replacements => ["Renamed", "InPlace"];

    [SkippableTheory]
    [InlineData(0x1A4u)]
    [InlineData(0x180u)]
    [InlineData(0x1EDu)]
    [InlineData(0x1FFu)]
    [InlineData(0x124u)]
    [InlineData(0u)]
    public void A_copy_has_the_sources_mode_whatever_umask_says(uint mode)
    {
        using TempDirectory folder = new();
        Machine.NeedRoot();
        string source = folder.Write("source", Bytes);
        FileFacts.SetMode(source, mode);
        Copies.Copy(source, folder["new"]);
        Assert.Equal(mode, FileFacts.ModeOf(folder["new"]));
        foreach (bool inPlace in (bool[])[false, true])
        {
            folder.Write("old", [1]);
            Copies.Copy(source, folder["old"], new() { InPlace = inPlace });
            Assert.Equal(mode, FileFacts.ModeOf(folder["old"]));
            File.Delete(folder["old"]);
        }
    }

    [Fact]
    public void Without_Mode_a_new_file_has_what_umask_gives()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", Bytes);
        FileFacts.SetMode(source, 0x1ED);
        uint usual = FileFacts.ModeOf(folder.Write("usual", []));
        Copies.Copy(source, folder["copy"], new() { Preserve = PreserveItems.None });
        Assert.Equal(usual, FileFacts.ModeOf(folder["copy"]));
    }

    /// <summary>The link goes, and with it all that stood there: what comes is a new file.</summary>
    [Fact]
    public void Without_Mode_a_file_in_place_of_a_link_has_what_umask_gives()
    {
        using TempDirectory folder = new();
        string source = folder.Write("name", Bytes);
        folder.MakeDirectory("into");
        uint usual = FileFacts.ModeOf(folder.Write("usual", []));
        File.CreateSymbolicLink(folder["into/name"], "../usual");
        Copies.Copy(source, folder["into"], new() { Preserve = PreserveItems.None });
        Assert.Equal(usual, FileFacts.ModeOf(folder["into/name"]));
    }

    [Theory]
    [MemberData(nameof(Replacements))]
    public void Without_Mode_an_existing_file_keeps_its_own(string replacement)
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", Bytes);
        string destination = folder.Write("copy", [1]);
        FileFacts.SetMode(destination, 0x1E8);
        CopyOnto(replacement, source, destination, PreserveItems.None);
        Assert.Equal(0x1E8u, FileFacts.ModeOf(destination));
    }

    [SkippableTheory]
    [InlineData(PreserveItems.None)]
    [InlineData(PreserveItems.Mode)]
    [InlineData(PreserveItems.Mode | PreserveItems.Acl | PreserveItems.Xattr)]
    [InlineData(PreserveItems.Ownership)]
    public void Set_user_id_is_never_gained_without_mode_and_owner(PreserveItems preserve)
    {
        Machine.NeedRoot();
        using TempDirectory folder = new();
        string source = folder.Write("source", Bytes);
        FileFacts.SetMode(source, SetUserId | 0x5ED);
        foreach (string replacement in (string[])["New", "Renamed", "InPlace"])
        {
            string destination = folder[replacement];
            if (replacement != "New")
            {
                File.WriteAllBytes(destination, [1]);
                // The old file's own are for the old content.
                FileFacts.SetMode(destination, SetUserId | 0x5ED);
            }

            CopyOnto(replacement, source, destination, preserve);
            Assert.Equal(0u, FileFacts.ModeOf(destination) & 0xE00);
        }
    }

    [SkippableTheory]
    [InlineData("New")]
    [InlineData("Renamed")]
    [InlineData("InPlace")]
    public void Set_user_id_and_owner_come_with_Mode_and_Ownership(string replacement)
    {
        Machine.NeedRoot();
        using TempDirectory folder = new();
        string source = folder.Write("source", Bytes);
        SetOwner(source, 1234, 2345);
        FileFacts.SetMode(source, SetUserId | 0x5ED);
        if (replacement != "New")
            folder.Write("copy", [1]);
        CopyOnto(replacement, source, folder["copy"], PreserveItems.Mode | PreserveItems.Ownership);
        Assert.Equal(SetUserId | 0x5EDu, FileFacts.ModeOf(folder["copy"]));
        Assert.Equal((1234u, 2345u), OwnerOf(folder["copy"]));
    }

    [SkippableTheory]
    [MemberData(nameof(Replacements))]
    public void Without_Ownership_an_existing_file_keeps_its_owner(string replacement)
    {
        Machine.NeedRoot();
        using TempDirectory folder = new();
        string source = folder.Write("source", Bytes);
        string destination = folder.Write("copy", [1]);
        SetOwner(source, 1234, 2345);
        SetOwner(destination, Nobody, Nobody);
        CopyOnto(replacement, source, destination, PreserveItems.Mode | PreserveItems.Timestamps);
        Assert.Equal((Nobody, Nobody), OwnerOf(destination));
    }

    [Theory]
    [InlineData(1_600_000_000, 123_456_789)]
    [InlineData(0, 1)]
    [InlineData(-1, 999_999_999)]
    [InlineData(-1_000_000_000, 5)]
    [InlineData(5_000_000_000, 999_999_999)]
    public void Times_are_kept_to_the_nanosecond_and_before_1970(long seconds, uint nanoseconds)
    {
        using TempDirectory folder = new(Place.Memory);
        string source = folder.Write("source", Bytes);
        SetTimes(source, seconds - 77, seconds, nanoseconds);
        Copies.Copy(source, folder["copy"]);
        Statx copy = FileFacts.Of(folder["copy"]);
        Assert.Equal((seconds, nanoseconds), (copy.ModifyTime.Seconds, copy.ModifyTime.Nanoseconds));
        Assert.Equal((seconds - 77, nanoseconds), (copy.AccessTime.Seconds, copy.AccessTime.Nanoseconds));
    }

    [Theory]
    [InlineData("New")]
    [InlineData("Renamed")]
    [InlineData("InPlace")]
    public void Without_Timestamps_a_copy_is_of_now(string replacement)
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", Bytes);
        SetTimes(source, 1000, 1000, 0);
        if (replacement != "New")
            SetTimes(folder.Write("copy", [1]), 2000, 2000, 0);
        CopyOnto(replacement, source, folder["copy"], PreserveItems.Mode);
        Assert.Equal(DateTime.UtcNow, File.GetLastWriteTimeUtc(folder["copy"]), TimeSpan.FromDays(1));
    }

    [SkippableTheory]
    [InlineData("New")]
    [InlineData("Renamed")]
    [InlineData("InPlace")]
    public void With_Xattr_the_source_supplies_the_attributes_and_those_it_lacks_go(string replacement)
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", Bytes);
        SetAttribute(source, "user.one", "source");
        SetAttribute(source, "user.empty", string.Empty);
        if (replacement != "New")
        {
            folder.Write("copy", [1]);
            SetAttribute(folder["copy"], "user.one", "old");
            SetAttribute(folder["copy"], "user.two", "old");
        }

        CopyOnto(replacement, source, folder["copy"], PreserveItems.Xattr);
        Assert.Equal(["user.empty", "user.one"], UserAttributes(folder["copy"]));
        Assert.Equal("source", Attribute(folder["copy"], "user.one"));
    }

    /// <summary>Labels of the system's security belong to the file that stands there, not to the content.</summary>
    [SkippableTheory]
    [MemberData(nameof(Replacements))]
    public void With_Xattr_security_attributes_that_the_source_lacks_stay(string replacement)
    {
        Machine.NeedRoot();
        using TempDirectory folder = new();
        string source = folder.Write("source", Bytes);
        string destination = folder.Write("copy", [1]);
        SetAttribute(destination, "security.memtools-test", "label");
        SetAttribute(destination, "trusted.memtools-test", "old");
        foreach (PreserveItems preserve in (PreserveItems[])[PreserveItems.Xattr, PreserveItems.Xattr | PreserveItems.Acl])
        {
            CopyOnto(replacement, source, destination, preserve);
            Assert.Equal("label", Attribute(destination, "security.memtools-test"));
            Assert.Null(Attribute(destination, "trusted.memtools-test"));
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Replacements))]
    public void Without_Xattr_an_existing_file_keeps_its_attributes_and_gains_none(string replacement)
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", Bytes);
        string destination = folder.Write("copy", [1]);
        SetAttribute(source, "user.one", "source");
        SetAttribute(destination, "user.two", "old");
        CopyOnto(replacement, source, destination, PreserveItems.Mode | PreserveItems.Timestamps);
        Assert.Equal(["user.two"], UserAttributes(destination));
        Assert.Equal("old", Attribute(destination, "user.two"));
    }

    [SkippableTheory]
    [InlineData("New")]
    [InlineData("Renamed")]
    [InlineData("InPlace")]
    public void With_Acl_the_source_supplies_the_list(string replacement)
    {
        string setfacl = Tool.Need("setfacl", "acl");
        using TempDirectory folder = new();
        string source = folder.Write("source", Bytes);
        Tool.RunChecked(setfacl, "-m", "u:1234:rw,g:2345:r", source);
        if (replacement != "New")
            Tool.RunChecked(setfacl, "-m", "u:4321:rwx", folder.Write("copy", [1]));
        CopyOnto(replacement, source, folder["copy"], PreserveItems.Mode | PreserveItems.Acl);
        Assert.Equal(AccessControlList(source), AccessControlList(folder["copy"]));
        Assert.Contains("user:1234:rw-", AccessControlList(folder["copy"]), StringComparison.Ordinal);
        // A source without a list leaves none.
        CopyOnto("Renamed", folder.Write("plain", Bytes), folder["copy"], PreserveItems.Mode | PreserveItems.Acl);
        Assert.DoesNotContain("1234", AccessControlList(folder["copy"]), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [MemberData(nameof(Replacements))]
    public void Without_Acl_an_existing_file_keeps_its_list(string replacement)
    {
        string setfacl = Tool.Need("setfacl", "acl");
        using TempDirectory folder = new();
        string source = folder.Write("source", Bytes);
        Tool.RunChecked(setfacl, "-m", "u:1234:rw", source);
        string destination = folder.Write("copy", [1]);
        Tool.RunChecked(setfacl, "-m", "u:4321:rwx,m::rwx", destination);
        string before = AccessControlList(destination);
        CopyOnto(replacement, source, destination, PreserveItems.None);
        Assert.Equal(before, AccessControlList(destination));
    }

    /// <summary>A directory's default list goes to new files, and a file that is replaced is none.</summary>
    [SkippableTheory]
    [InlineData(PreserveItems.None)]
    [InlineData(PreserveItems.Mode | PreserveItems.Timestamps)]
    [InlineData(PreserveItems.Xattr)]
    [InlineData(PreserveItems.Acl)]
    [InlineData(PreserveItems.All)]
    public void A_replaced_file_does_not_gain_the_default_list_of_its_directory(PreserveItems preserve)
    {
        string setfacl = Tool.Need("setfacl", "acl");
        using TempDirectory folder = new();
        string source = folder.Write("source", Bytes);
        string into = folder.MakeDirectory("into");
        string destination = folder.Write("into/source", [1]);
        Tool.RunChecked(setfacl, "-d", "-m", "u:1234:rwx", into);
        Copies.Copy(source, into, new() { Preserve = preserve, RequireAtomic = true });
        Content.AssertSame(Bytes, destination);
        Assert.DoesNotContain("1234", AccessControlList(destination), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Hard_links_of_each_other_stay_hard_links_of_each_other(bool existing)
    {
        using TempDirectory folder = new();
        folder.MakeDirectory("from");
        folder.MakeDirectory("to");
        foreach (string name in (string[])["a", "b", "c"])
            MakeName(folder, name);
        string other = folder.Write("from/other", Bytes);
        if (existing)
        {
            foreach (string name in (string[])["a", "b", "c"])
                folder.Write($"to/{name}", [1]);
        }

        using FileCopySession session = new(folder["to"], new() { Preserve = PreserveItems.All });
        FileTransferResult first = session.Copy(folder["from/a"]);
        FileTransferResult second = session.Copy(folder["from/b"]);
        FileTransferResult third = session.Copy(folder["from/c"]);
        FileTransferResult apart = session.Copy(other);
        Assert.Equal(["Copied", "Linked", "Linked", "Copied"], new[] { first, second, third, apart }.Select(result => result.Status));
        Assert.Equal(("None", 0L, (long)Bytes.Length), (second.Method, second.BytesTransferred, second.Length));
        Assert.Equal(existing ? "Renamed" : "New", second.Replacement);
        Statx copy = FileFacts.Of(folder["to/a"]);
        Assert.Equal(3u, copy.LinkCount);
        Assert.Equal(copy.Inode, FileFacts.Of(folder["to/b"]).Inode);
        Assert.Equal(copy.Inode, FileFacts.Of(folder["to/c"]).Inode);
        Assert.NotEqual(copy.Inode, FileFacts.Of(folder["to/other"]).Inode);
        Content.AssertSame(Bytes, folder["to/c"]);
        Copies.AssertNoTemporaries(folder["to"]);
    }

    [Fact]
    public void A_second_name_does_not_replace_anything_under_NoClobber()
    {
        using TempDirectory folder = new();
        folder.MakeDirectory("from");
        folder.MakeDirectory("to");
        MakeName(folder, "a");
        MakeName(folder, "b");
        folder.Write("to/b", [1, 2, 3]);
        using FileCopySession session = new(folder["to"], new() { Preserve = PreserveItems.All, NoClobber = true });
        session.Copy(folder["from/a"]);
        TransferException error = Assert.Throws<TransferException>(() => session.Copy(folder["from/b"]));
        Assert.Equal(ErrorKind.AlreadyExists, error.Kind);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(folder["to/b"]));
        Assert.Equal(1u, FileFacts.Of(folder["to/a"]).LinkCount);
    }

    [Fact]
    public void Without_HardLinks_each_name_becomes_a_file()
    {
        using TempDirectory folder = new();
        folder.MakeDirectory("from");
        folder.MakeDirectory("to");
        MakeName(folder, "a");
        MakeName(folder, "b");
        using FileCopySession session = new(folder["to"], new());
        session.Copy(folder["from/a"]);
        Assert.Equal("Copied", session.Copy(folder["from/b"]).Status);
        Assert.NotEqual(FileFacts.Of(folder["to/a"]).Inode, FileFacts.Of(folder["to/b"]).Inode);
    }

    /// <summary>A name of the one file from/a.</summary>
    private static void MakeName(TempDirectory folder, string name)
    {
        if (name == "a")
            folder.Write("from/a", Bytes);
        else
            Tool.RunChecked("ln", folder["from/a"], folder[$"from/{name}"]);
    }

    private static void CopyOnto(string replacement, string source, string destination, PreserveItems preserve)
    {
        FileTransferResult result = Copies.Copy(
            source, destination, new() { Preserve = preserve, InPlace = replacement == "InPlace" });
        Assert.Equal(replacement, result.Replacement);
        Assert.Empty(result.Warnings);
        Content.AssertSame(Bytes, destination);
    }

    private static void SetTimes(string path, long access, long modify, uint nanoseconds)
    {
        using Descriptor file = FileFacts.Open(path, OpenFlags.ReadOnly);
        StatxTimestamp accessed = new() { Seconds = access, Nanoseconds = nanoseconds };
        StatxTimestamp modified = new() { Seconds = modify, Nanoseconds = nanoseconds };
        Assert.Equal(0, FileMetadata.SetTimes(file, accessed, modified));
    }

    private static void SetOwner(string path, uint user, uint group)
    {
        using Descriptor file = FileFacts.Open(path, OpenFlags.ReadOnly);
        Assert.Equal(0, FileMetadata.SetOwner(file, user, group));
    }

    private static (uint User, uint Group) OwnerOf(string path)
    {
        Statx status = FileFacts.Of(path);
        return (status.User, status.Group);
    }

    private static void SetAttribute(string path, string name, string value)
    {
        using Descriptor file = FileFacts.Open(path, OpenFlags.ReadOnly);
        long result = ExtendedAttributes.Set(file, name, Encoding.UTF8.GetBytes(value));
        Skip.If(KernelResult.ErrnoOf(result) == Errno.EOPNOTSUPP, "no extended attributes on this file system");
        Assert.Equal(0, result);
    }

    private static string? Attribute(string path, string name)
    {
        using Descriptor file = FileFacts.Open(path, OpenFlags.ReadOnly);
        return ExtendedAttributes.Get(file, name, out byte[] value) < 0 ? null : Encoding.UTF8.GetString(value);
    }

    private static string[] UserAttributes(string path)
    {
        using Descriptor file = FileFacts.Open(path, OpenFlags.ReadOnly);
        Assert.Equal(0, ExtendedAttributes.List(file, out string[] names));
        return [.. names.Where(name => name.StartsWith("user.", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }

    private static string AccessControlList(string path) =>
        Tool.RunChecked(Tool.Need("getfacl", "acl"), "--omit-header", "--absolute-names", "--numeric", path);
}
