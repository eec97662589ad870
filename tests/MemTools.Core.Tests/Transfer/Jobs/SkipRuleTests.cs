using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;
using MemTools.Transfer.Jobs;

namespace MemTools.Tests.Transfer.Jobs;

/// <summary>Which files a job takes for copied already, by their statuses.</summary>
public class SkipRuleTests
{
    private static readonly StatxTimestamp Time = At(1_700_000_001, 123_456_789);

    public static TheoryData<long, uint, bool> KeptTimes => new()
    {
        { 1_700_000_001, 123_456_789, true },
        { 1_700_000_001, 123_456_700, true },
        { 1_700_000_001, 123_456_000, true },
        { 1_700_000_001, 120_000_000, true },
        { 1_700_000_001, 0, true },
        { 1_700_000_001, 123_456_788, false },
        { 1_700_000_001, 123_456_800, false },
        { 1_700_000_001, 130_000_000, false },
        { 1_700_000_002, 0, false },
        { 1_700_000_000, 0, false },
    };

    [Theory]
    [MemberData(nameof(KeptTimes))]
    public void A_time_that_the_file_system_cut_down_is_the_same(long seconds, uint nanoseconds, bool same)
    {
        using TempDirectory folder = new();
        Assert.Equal(same, Rule(folder, SkipWhen.SameSizeAndTime).IsSameTime(Time, At(seconds, nanoseconds)));
    }

    [Theory]
    [InlineData(-1, 999_999_999, -1, 0, true)]
    [InlineData(-1, 999_999_999, 0, 0, false)]
    [InlineData(-2, 5, -2, 5, true)]
    public void Times_before_1970_are_cut_down_too(long seconds, uint nanoseconds, long keptSeconds, uint kept, bool same)
    {
        using TempDirectory folder = new();
        Assert.Equal(
            same, Rule(folder, SkipWhen.SameSizeAndTime).IsSameTime(At(seconds, nanoseconds), At(keptSeconds, kept)));
    }

    [Theory]
    [InlineData(SkipWhen.SameSizeAndTime, 0, 0, "Skip")]
    [InlineData(SkipWhen.SameSizeAndTime, 1, 0, "Copy")]
    [InlineData(SkipWhen.SameSizeAndTime, 0, 1, "Copy")]
    [InlineData(SkipWhen.SameSizeAndTime, 0, -1, "Copy")]
    [InlineData(SkipWhen.Newer, 0, 0, "Skip")]
    [InlineData(SkipWhen.Newer, 1, 0, "Copy")]
    [InlineData(SkipWhen.Newer, 1, 1, "Skip")]
    [InlineData(SkipWhen.Newer, 0, -1, "Copy")]
    [InlineData(SkipWhen.SameHash, 0, 1, "CompareContent")]
    [InlineData(SkipWhen.SameHash, 0, 0, "CompareContent")]
    [InlineData(SkipWhen.SameHash, 1, 0, "Copy")]
    [InlineData(SkipWhen.Never, 0, 0, "Copy")]
    public void Each_rule_asks_for_what_it_says(SkipWhen when, int longer, int later, string answer)
    {
        using TempDirectory folder = new();
        Statx source = new() { Size = 100, ModifyTime = Time };
        Statx destination = new() { Size = 100 + (ulong)longer, ModifyTime = At(Time.Seconds + later, Time.Nanoseconds) };
        Assert.Equal(answer, Rule(folder, when).Ask(source, destination).ToString());
    }

    private static SkipRule Rule(TempDirectory folder, SkipWhen when)
    {
        using Descriptor directory = FileFacts.Open(folder.Path, OpenFlags.ReadOnly);
        return new(when, directory);
    }

    private static StatxTimestamp At(long seconds, uint nanoseconds) => new() { Seconds = seconds, Nanoseconds = nanoseconds };
}
