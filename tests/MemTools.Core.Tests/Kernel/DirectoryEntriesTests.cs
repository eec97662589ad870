using System.Text;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;

namespace MemTools.Tests.Kernel;

public class DirectoryEntriesTests
{
    [Fact]
    public void A_list_has_every_name_of_a_large_directory_once()
    {
        // More than one buffer of the kernel's answers.
        const int count = 3000;
        using TempDirectory folder = new();
        string[] names = [.. Enumerable.Range(0, count).Select(i => $"{i:D4}-{new string('n', 30)}")];
        foreach (string name in names)
            File.Create(folder[name]).Dispose();
        Assert.Equal(names, NamesIn(folder.Path).Select(entry => entry.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Names_are_bytes_and_have_a_type()
    {
        using TempDirectory folder = new();
        folder.MakeDirectory("folder");
        folder.Write("line\nend", []);
        folder.Write(new string('x', 255), []);
        folder.Write("é", []);
        Dictionary<string, byte> found = NamesIn(folder.Path).ToDictionary(entry => entry.Name, entry => entry.Type);
        Assert.Equal(4, found.Count);
        Assert.Equal(DirectoryCalls.EntryTypeRegular, found["line\nend"]);
        Assert.Equal(DirectoryCalls.EntryTypeRegular, found[new string('x', 255)]);
        Assert.Equal(DirectoryCalls.EntryTypeRegular, found["é"]);
        Assert.NotEqual(DirectoryCalls.EntryTypeRegular, found["folder"]);
    }

    [Fact]
    public void Making_all_directories_makes_what_is_missing_and_nothing_else()
    {
        using TempDirectory folder = new();
        folder.MakeDirectory("a");
        NativePath path = NativePath.From(folder["a/b/c"]);
        Assert.Equal(0, DirectoryEntries.MakeAll(path));
        Assert.Equal(0, DirectoryEntries.MakeAll(path));
        Assert.True(Directory.Exists(folder["a/b/c"]));
        Assert.Equal(["a"], folder.Names);
    }

    [Fact]
    public void A_file_in_the_way_of_a_directory_is_ENOTDIR()
    {
        using TempDirectory folder = new();
        folder.Write("a", []);
        Assert.Equal(Errno.ENOTDIR, KernelResult.ErrnoOf(DirectoryEntries.MakeAll(NativePath.From(folder["a/b/c"]))));
    }

    [Fact]
    public void Resolving_follows_links_and_says_what_is_missing()
    {
        using TempDirectory folder = new();
        folder.Write("target", []);
        File.CreateSymbolicLink(folder["link"], "target");
        Assert.Equal(0, DirectoryEntries.Resolve(NativePath.From(folder["link"]), out NativePath resolved));
        Assert.Equal(folder["target"], resolved.ToString());
        Assert.Equal(Errno.ENOENT, KernelResult.ErrnoOf(DirectoryEntries.Resolve(NativePath.From(folder["none"]), out _)));
    }

    [Fact]
    public void A_rename_that_must_not_replace_does_not()
    {
        using TempDirectory folder = new();
        folder.Write("old", [1]);
        folder.Write("new", [2]);
        using Descriptor directory = FileFacts.Open(folder.Path, OpenFlags.PathOnly);
        NativePath from = NativePath.From("old");
        NativePath to = NativePath.From("new");
        Assert.Equal(Errno.EEXIST, KernelResult.ErrnoOf(DirectoryEntries.Rename(directory, from, to, replace: false)));
        Assert.Equal([2], File.ReadAllBytes(folder["new"]));
        Assert.Equal(0, DirectoryEntries.Rename(directory, from, to, replace: true));
        Assert.Equal([1], File.ReadAllBytes(folder["new"]));
    }

    [Fact]
    public void A_nameless_file_can_be_given_a_name_that_is_free()
    {
        using TempDirectory folder = new();
        folder.Write("taken", [1]);
        using Descriptor directory = FileFacts.Open(folder.Path, OpenFlags.PathOnly);
        long opened = FileIO.TryOpen(
            directory, NativePath.From("."), OpenFlags.Nameless | OpenFlags.ReadWrite, 0x180, out Descriptor? file);
        Assert.True(opened >= 0, $"O_TMPFILE: {KernelResult.ErrnoOf(opened)}");
        using (file)
        {
            long linked = DirectoryEntries.LinkOpenFile(file!, directory, NativePath.From("taken"));
            Assert.Equal(Errno.EEXIST, KernelResult.ErrnoOf(linked));
            Assert.Equal(0, DirectoryEntries.LinkOpenFile(file!, directory, NativePath.From("free")));
        }

        Assert.Equal(["free", "taken"], folder.Names);
    }

    private static List<(string Name, byte Type)> NamesIn(string path)
    {
        List<(string, byte)> found = [];
        using Descriptor directory = FileFacts.Open(path, OpenFlags.ReadOnly);
        long listed = DirectoryEntries.List(directory, (name, type) =>
        {
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                found.Add((Encoding.UTF8.GetString(name), type));
        });
        Assert.Equal(0, listed);
        return found;
    }
}
