using FsCheck.Fluent;
using MemTools.Memory;
using MemTools.Tests.Support;

namespace MemTools.Tests.Memory;

public class TouchOrderTests
{
    private const long Page = 4096;

    [Fact]
    public void Random_meets_every_page_once() => Properties.Hold(
        Gen.Choose(1, 5000),
        pages =>
        {
            long[] offsets = Offsets(PagePattern.Random, pages, stride: 0);
            Assert.Equal(Enumerable.Range(0, pages).Select(page => page * Page), offsets.Order());
        });

    [Fact]
    public void Random_has_no_pattern_that_an_eye_would_see()
    {
        long[] offsets = Offsets(PagePattern.Random, 1024, stride: 0);
        int neighbours = offsets.Zip(offsets.Skip(1)).Count(pair => Math.Abs(pair.First - pair.Second) <= Page);
        Assert.InRange(neighbours, 0, 20);
        int windows = offsets.Zip(offsets.Skip(1)).Count(pair => pair.First / (16 * Page) == pair.Second / (16 * Page));
        Assert.InRange(windows, 0, 60);
    }

    [Fact]
    public void Sequential_goes_up_page_by_page() =>
        Assert.Equal([0, Page, 2 * Page], Offsets(PagePattern.Sequential, 3, stride: 0));

    [Fact]
    public void A_stride_stays_inside_and_its_pages_are_counted() => Properties.Hold(
        from pages in Gen.Choose(1, 300)
        from stride in Gen.Choose(1, 40_000)
        select (pages, stride),
        input =>
        {
            TouchOrder order = Order(PagePattern.Stride, input.pages, input.stride);
            long[] offsets = Offsets(PagePattern.Stride, input.pages, input.stride);
            Assert.All(offsets, offset => Assert.InRange(offset, 0, (input.pages * Page) - 1));
            Assert.True(offsets[^1] + input.stride >= input.pages * Page);
            Assert.Equal(offsets.Select(offset => offset / Page).Distinct().Count(), order.PagesTouched);
        });

    private static long[] Offsets(PagePattern pattern, int pages, long stride)
    {
        TouchOrder order = Order(pattern, pages, stride);
        long[] offsets = new long[order.Count];
        for (int i = 0; i < offsets.Length; i++)
            offsets[i] = order.Next();
        return offsets;
    }

    private static TouchOrder Order(PagePattern pattern, int pages, long stride) =>
        new(new() { Length = pages * Page, Pattern = pattern, StrideBytes = stride }, pages * Page, Page);
}
