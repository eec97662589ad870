using MemTools.Kernel;

namespace MemTools.Tests.Kernel;

public class HumanUnitsTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1, "1 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1.0 KiB")]
    [InlineData(1024, "1.0 KiB")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(102400, "100 KiB")]
    [InlineData(1048576, "1.0 MiB")]
    [InlineData(5368709120, "5.0 GiB")]
    [InlineData(9.223372036854775807e18, "8.0 EiB")]
    public void A_size_has_the_largest_unit_below_a_thousand(double bytes, string text) =>
        Assert.Equal(text, HumanUnits.Size(bytes));

    [Fact]
    public void A_rate_is_a_size_a_second() => Assert.Equal("1.5 MiB/s", HumanUnits.Rate(1.5 * 1024 * 1024));

    [Theory]
    [InlineData(0, "0 us")]
    [InlineData(2_500, "250 us")]
    [InlineData(123_000, "12.3 ms")]
    [InlineData(15_000_000, "1.50 s")]
    [InlineData(600_000_000, "0:01:00")]
    [InlineData(36_610_000_000, "1:01:01")]
    [InlineData(900_610_000_000, "1.01:01:01")]
    public void A_time_has_the_precision_that_people_read(long ticks, string text) =>
        Assert.Equal(text, HumanUnits.Duration(TimeSpan.FromTicks(ticks)));
}
