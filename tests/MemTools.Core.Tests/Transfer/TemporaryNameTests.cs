using System.Text;
using FsCheck;
using FsCheck.Fluent;
using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.Transfer;

public class TemporaryNameTests
{
    private const int LongestName = 255;

    [Fact]
    public void A_temporarys_name_fits_is_hidden_is_recognised_and_is_whole_UTF8()
    {
        UTF8Encoding strict = new(false, throwOnInvalidBytes: true);
        Gen<string> names = Gen.Elements("a", "é", "中", "\U0001F600", " ", "\n")
            .NonEmptyListOf()
            .Select(parts => string.Concat(Enumerable.Repeat(string.Concat(parts), 40)))
            .Where(name => Encoding.UTF8.GetByteCount(name) >= 1)
            .Select(CutTo255Bytes);
        Properties.Hold(names, name =>
        {
            NativePath temporary = TemporaryName.For(NativePath.From(name));
            Assert.InRange(temporary.Bytes.Length, 1, LongestName);
            Assert.Equal((byte)'.', temporary.Bytes[0]);
            Assert.True(TemporaryName.Matches(temporary.Bytes));
            string text = strict.GetString(temporary.Bytes);
            Assert.StartsWith(text[1..text.LastIndexOf(".memtools-", StringComparison.Ordinal)], name, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_short_name_is_kept_whole()
    {
        string name = TemporaryName.For(NativePath.From("report.csv")).ToString();
        Assert.Matches("^\\.report\\.csv\\.memtools-[0-9a-f]{12}$", name);
    }

    [Fact]
    public void A_name_of_255_bytes_is_cut_to_fit_exactly() =>
        Assert.Equal(LongestName, TemporaryName.For(NativePath.From(new string('n', LongestName))).Bytes.Length);

    [Fact]
    public void A_name_is_cut_between_characters()
    {
        // 232 bytes are left for the name, which is in the middle of the 58th character of four bytes.
        string name = "x" + string.Concat(Enumerable.Repeat("\U0001F600", 63));
        NativePath temporary = TemporaryName.For(NativePath.From(name));
        Assert.DoesNotContain("\uFFFD", temporary.ToString(), StringComparison.Ordinal);
        Assert.Equal(1 + 1 + (57 * 4) + ".memtools-".Length + 12, temporary.Bytes.Length);
    }

    [Fact]
    public void No_two_names_are_alike()
    {
        NativePath name = NativePath.From("x");
        Assert.Equal(1000, Enumerable.Range(0, 1000).Select(_ => TemporaryName.For(name).ToString()).Distinct().Count());
    }

    [Theory]
    [InlineData(".x.memtools-0123456789ab", true)]
    [InlineData(".x.memtools-000000000000", true)]
    [InlineData("x.memtools-0123456789ab", false)]
    [InlineData(".x.memtools-0123456789aB", false)]
    [InlineData(".x.memtools-0123456789a", false)]
    [InlineData(".x.memtools-0123456789abc", false)]
    [InlineData(".x.memtools_0123456789ab", false)]
    [InlineData(".x.memtools-0123456789ab.txt", false)]
    [InlineData(".memtools-0123456789ab", false)]
    [InlineData(".", false)]
    [InlineData("", false)]
    public void Only_names_of_this_form_are_taken_for_temporaries(string name, bool matches) =>
        Assert.Equal(matches, TemporaryName.Matches(Encoding.UTF8.GetBytes(name)));

    private static string CutTo255Bytes(string name)
    {
        while (Encoding.UTF8.GetByteCount(name) > LongestName)
            name = name[..^(char.IsLowSurrogate(name[^1]) ? 2 : 1)];
        return name;
    }
}
