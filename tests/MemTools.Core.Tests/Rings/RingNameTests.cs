using MemTools.Kernel;
using MemTools.Rings;

namespace MemTools.Tests.Rings;

/// <summary>What a shared ring may be called.</summary>
public class RingNameTests
{
    [Theory]
    [InlineData("jobs")]
    [InlineData("a")]
    [InlineData("camera-1.left eye")]
    [InlineData("Überwachung")]
    [InlineData("*")]
    public void Names_of_files_are_names(string name) => Assert.Equal(name, RingName.Check(name));

    [Theory]
    [InlineData("", "empty")]
    [InlineData(".", "dot")]
    [InlineData("..", "dot")]
    [InlineData(".hidden", "dot")]
    [InlineData("a/b", "slash")]
    [InlineData("/", "slash")]
    [InlineData("a\0b", "control")]
    [InlineData("a\nb", "control")]
    [InlineData("a\u001b[2J", "control")]
    [InlineData("a\u202Eb", "control")]
    [InlineData("a\u2028b", "control")]
    public void Others_are_refused(string name, string reason)
    {
        MemToolsException e = Assert.Throws<MemToolsException>(() => RingName.Check(name));
        Assert.Equal(ErrorKind.Misuse, e.Kind);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(e.Message, one => char.IsControl(one) || one == '\u202E');
    }

    [Fact]
    public void Half_of_a_surrogate_pair_is_refused() =>
        Assert.Throws<MemToolsException>(() => RingName.Check("a\ud800b"));

    [Fact]
    public void Their_length_counts_in_bytes()
    {
        string longest = new('x', RingName.MostBytes);
        Assert.Equal(longest, RingName.Check(longest));
        Assert.False(RingName.IsValid(longest + "x"));
        Assert.True(RingName.IsValid(new('ü', RingName.MostBytes / 2)));
        Assert.False(RingName.IsValid(new string('ü', RingName.MostBytes / 2) + "x"));
    }

    [Theory]
    [InlineData("12.34.56", true)]
    [InlineData("012.34.56", false)]
    [InlineData("12.34", false)]
    [InlineData("12.34.56.78", false)]
    [InlineData("-1.34.56", false)]
    [InlineData("12.34.99999999999999999999", false)]
    [InlineData("jobs", false)]
    public void Holders_are_read_back_as_they_were_written(string name, bool valid) =>
        Assert.Equal(valid ? name : null, RingEntry.Parse(name)?.ToString());
}
