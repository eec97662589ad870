using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;

namespace MemTools.Tests.Kernel;

public class ExtendedAttributesTests
{
    [SkippableFact]
    public void What_is_set_is_listed_and_read_and_can_be_removed()
    {
        using TempDirectory folder = new();
        using Descriptor file = FileFacts.Create(folder["file"]);
        Skip.If(
            KernelResult.ErrnoOf(ExtendedAttributes.Set(file, "user.one", [1, 2, 3])) == Errno.EOPNOTSUPP,
            "no extended attributes on this file system");
        Assert.Equal(0, ExtendedAttributes.Set(file, "user.empty", []));
        Assert.Equal(0, ExtendedAttributes.List(file, out string[] names));
        Assert.Equal(["user.empty", "user.one"], names.Order().Where(name => name.StartsWith("user.", StringComparison.Ordinal)));
        Assert.Equal(0, ExtendedAttributes.Get(file, "user.one", out byte[] value));
        Assert.Equal([1, 2, 3], value);
        Assert.Equal(0, ExtendedAttributes.Get(file, "user.empty", out value));
        Assert.Empty(value);
        Assert.Equal(0, ExtendedAttributes.Remove(file, "user.one"));
        Assert.Equal(Errno.ENODATA, KernelResult.ErrnoOf(ExtendedAttributes.Get(file, "user.one", out value)));
        Assert.Empty(value);
    }

    [SkippableFact]
    public void The_size_of_the_list_of_a_name_is_the_same_both_ways_to_ask()
    {
        using TempDirectory folder = new();
        using Descriptor directory = FileFacts.Open(folder.Path, OpenFlags.ReadOnly | OpenFlags.Directory);
        NativePath name = NativePath.From("file"u8);
        using Descriptor file = FileFacts.Create(folder["file"]);
        File.CreateSymbolicLink(folder["link"], "file");
        long plain = ExtendedAttributes.ListSize(directory, name);
        Skip.If(
            KernelResult.ErrnoOf(ExtendedAttributes.Set(file, "user.one", [1])) == Errno.EOPNOTSUPP,
            "no extended attributes on this file system");
        Assert.Equal(plain + "user.one\0".Length, ExtendedAttributes.ListSize(directory, name));
        Assert.Equal(plain + "user.one\0".Length, ExtendedAttributes.ListSizeThroughProc(directory, name));
        long asked = ExtendedAttributes.ListSizeAt(directory, name);
        Assert.True(asked == plain + "user.one\0".Length || KernelResult.ErrnoOf(asked) is Errno.ENOSYS or Errno.EPERM);
        // The link itself has none.
        Assert.Equal(plain, ExtendedAttributes.ListSize(directory, NativePath.From("link"u8)));
        Assert.Equal(Errno.ENOENT, KernelResult.ErrnoOf(ExtendedAttributes.ListSize(directory, NativePath.From("none"u8))));
    }

    [Fact]
    public void Removing_what_is_not_there_succeeds()
    {
        using TempDirectory folder = new();
        using Descriptor file = FileFacts.Create(folder["file"]);
        Assert.Equal(0, ExtendedAttributes.Remove(file, "user.nothing"));
    }

    [Fact]
    public void A_file_system_without_attributes_has_an_empty_list()
    {
        using Descriptor file = FileFacts.Open("/proc/version", OpenFlags.ReadOnly);
        Assert.Equal(0, ExtendedAttributes.List(file, out string[] names));
        Assert.Empty(names);
    }
}
