using MemTools.Transfer.Trees;

namespace MemTools.Tests.Transfer.Trees;

/// <summary>Wildcards of -Include and -Exclude.</summary>
public class NamePatternTests
{
    [Theory]
    [InlineData("*.log", "a.log", true)]
    [InlineData("*.log", "a.LOG", true)]
    [InlineData("*.log", "a.log2", false)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "ac", false)]
    [InlineData("[a-c]x", "bx", true)]
    [InlineData("[a-c]x", "dx", false)]
    [InlineData("[a-]x", "-x", true)]
    [InlineData("`[x`]", "[x]", true)]
    [InlineData("`*", "*", true)]
    [InlineData("`*", "a", false)]
    [InlineData("*", "", true)]
    [InlineData("**", "anything", true)]
    [InlineData("a*b*c", "a1b2b3c", true)]
    [InlineData("a*b*c", "a1b2b3d", false)]
    [InlineData("sub/*", "sub/file", true)]
    [InlineData("sub/*", "sub/deep/file", false)]
    [InlineData("sub/**", "sub/deep/file", true)]
    [InlineData("/sub/*", "sub/file", true)]
    [InlineData("**/obj", "obj", true)]
    [InlineData("**/obj", "a/b/obj", true)]
    [InlineData("**/obj", "a/bobj", false)]
    [InlineData("a/**/z", "a/z", true)]
    [InlineData("a/**/z", "a/b/c/z", true)]
    [InlineData("a/**/z", "a/bz", false)]
    [InlineData("a/?", "a/b", true)]
    [InlineData("a?b/c", "a/b/c", false)]
    public void A_pattern_matches_what_it_says(string pattern, string text, bool matches) =>
        Assert.Equal(matches, new NamePattern(pattern).Matches(text));

    [Fact]
    public void What_is_no_pattern_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new NamePattern(string.Empty));
        Assert.Contains("bracket", Assert.Throws<ArgumentException>(() => new NamePattern("a[b")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_slash_at_the_end_names_directories()
    {
        Assert.True(new NamePattern("obj/").DirectoriesOnly);
        Assert.False(new NamePattern("obj/").IsPath);
        Assert.True(new NamePattern("obj/").Matches("obj"));
    }
}
