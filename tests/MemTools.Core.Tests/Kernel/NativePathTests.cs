using System.Text;
using FsCheck;
using FsCheck.Fluent;
using MemTools.Kernel;
using MemTools.Tests.Support;

namespace MemTools.Tests.Kernel;

public class NativePathTests
{
    /// <summary>Names with what makes trouble: spaces, line ends, leading dashes, letters of one to four bytes.</summary>
    private static readonly Gen<string> Names = Gen
        .Elements("a", "-", ".", " ", "\n", "\t", "'", "\\", "*", "é", "中", "\U0001F600", "\uFFFD")
        .NonEmptyListOf()
        .Select(parts => string.Concat(parts));

    private static readonly Gen<string> Paths =
        from names in Names.NonEmptyListOf()
        from absolute in Gen.Elements(true, false)
        select (absolute ? "/" : string.Empty) + string.Join('/', names);

    [Fact]
    public void A_path_comes_back_as_it_went_in() => Properties.Hold(Paths, path =>
    {
        NativePath native = NativePath.From(path);
        Assert.Equal(path, native.ToString());
        Assert.Equal(Encoding.UTF8.GetBytes(path), native.Bytes.ToArray());
    });

    [Fact]
    public void Slashes_at_the_end_are_dropped() => Properties.Hold(
        from path in Paths from count in Gen.Choose(1, 3) select (path, count),
        input => Assert.Equal(input.path, NativePath.From(input.path + new string('/', input.count)).ToString()));

    [Fact]
    public void Parent_and_name_make_the_path_again() => Properties.Hold(Paths, path =>
    {
        NativePath native = NativePath.From(path);
        string expected = path.Contains('/', StringComparison.Ordinal) ? path : "./" + path;
        Assert.Equal(expected, native.Parent.Append(native.Name).ToString());
        Assert.Equal(path[(path.LastIndexOf('/') + 1)..], native.Name.ToString());
    });

    [Fact]
    public void Appending_a_name_and_taking_it_off_changes_nothing() => Properties.Hold(
        from path in Paths from name in Names select (path, name),
        input =>
        {
            NativePath native = NativePath.From(input.path).Append(NativePath.From(input.name));
            Assert.Equal($"{input.path}/{input.name}", native.ToString());
            Assert.Equal(input.path, native.Parent.ToString());
            Assert.Equal(input.name, native.Name.ToString());
        });

    [Fact]
    public unsafe void The_kernel_gets_the_bytes_and_a_zero() => Properties.Hold(Paths, path =>
    {
        NativePath name = NativePath.From(path).Name;
        fixed (byte* bytes = name)
        {
            Assert.Equal(name.Bytes.ToArray(), new ReadOnlySpan<byte>(bytes, name.Bytes.Length).ToArray());
            Assert.Equal(0, bytes[name.Bytes.Length]);
        }
    });

    [Theory]
    [InlineData("/", "/", "", "/")]
    [InlineData("//", "/", "", "/")]
    [InlineData("/a", "/a", "a", "/")]
    [InlineData("//a", "//a", "a", "/")]
    [InlineData("a", "a", "a", ".")]
    [InlineData("a/", "a", "a", ".")]
    [InlineData("a//b", "a//b", "b", "a")]
    [InlineData("./a", "./a", "a", ".")]
    [InlineData("-", "-", "-", ".")]
    public void Roots_and_slashes_have_the_parents_that_they_should(string path, string whole, string name, string parent)
    {
        NativePath native = NativePath.From(path);
        Assert.Equal((whole, name, parent), (native.ToString(), native.Name.ToString(), native.Parent.ToString()));
    }

    [Fact]
    public void A_name_under_the_root_has_one_slash() =>
        Assert.Equal("/etc", NativePath.From("/").Append(NativePath.From("etc")).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData("\0")]
    public void What_no_path_can_hold_is_refused(string path) =>
        Assert.Throws<ArgumentException>(() => NativePath.From(path));

    /// <summary>Not as theory data: attributes are kept in UTF-8, which cannot hold half a pair either.</summary>
    [Fact]
    public void Half_of_a_surrogate_pair_is_refused()
    {
        Assert.Throws<ArgumentException>(() => NativePath.From("a\uD800b"));
        Assert.Throws<ArgumentException>(() => NativePath.From("a\uDC00"));
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_kept_and_shown_as_the_replacement_character()
    {
        NativePath path = NativePath.From([(byte)'a', 0xFF]);
        Assert.Equal([(byte)'a', 0xFF], path.Bytes.ToArray());
        Assert.Equal("a\\xff", path.ToString());
    }

    [Fact]
    public void No_path_is_empty()
    {
        Assert.True(NativePath.Empty.IsEmpty);
        Assert.True(default(NativePath).IsEmpty);
        Assert.False(NativePath.From("a").IsEmpty);
    }
}
