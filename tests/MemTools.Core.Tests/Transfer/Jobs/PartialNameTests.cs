using System.Text;
using MemTools.Kernel;
using MemTools.Transfer;
using MemTools.Transfer.Jobs;

namespace MemTools.Tests.Transfer.Jobs;

/// <summary>Under which names unfinished files are kept.</summary>
public class PartialNameTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("data.tar")]
    [InlineData(".hidden")]
    public void It_is_hidden_beside_the_file_and_no_leftover(string name)
    {
        NativePath partial = PartialName.For(NativePath.From(name));
        Assert.Equal($".{name}.memtools-partial", partial.ToString());
        Assert.True(PartialName.Matches(partial.Bytes));
        Assert.False(TemporaryName.Matches(partial.Bytes));
    }

    [Fact]
    public void Long_names_are_told_apart_and_stay_UTF8()
    {
        string common = new('é', 126);
        string[] names = [common + "a", common + "b", common + "é", new string('x', 255), new string('x', 254) + "y", new string('x', 238)];
        string[] partials = [.. names.Select(name => PartialName.For(NativePath.From(name)).ToString())];
        Assert.Equal(names.Length, partials.Distinct().Count());
        Assert.All(partials, partial =>
        {
            Assert.InRange(Encoding.UTF8.GetByteCount(partial), 1, 255);
            Assert.DoesNotContain('\uFFFD', partial);
            Assert.True(PartialName.Matches(Encoding.UTF8.GetBytes(partial)));
        });
    }

    [Theory]
    [InlineData(".memtools-partial")]
    [InlineData("a.memtools-partial")]
    [InlineData(".a.memtools-partial~")]
    public void Other_names_are_not_taken_for_one(string name) => Assert.False(PartialName.Matches(Encoding.UTF8.GetBytes(name)));
}
