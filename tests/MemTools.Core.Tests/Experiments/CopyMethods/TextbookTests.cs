using MemTools.Experiments.CopyMethods;

namespace MemTools.Tests.Experiments.CopyMethods;

/// <summary>The figures as they are published, CPU copies, DMA copies, calls and mode switches of one round.</summary>
public sealed class TextbookTests
{
    [Theory]
    [InlineData(ComparedMethod.ReadWrite, true, 2, 2, 2, 4)]
    [InlineData(ComparedMethod.Mmap, true, 1, 2, 2, 4)]
    [InlineData(ComparedMethod.Sendfile, false, 1, 2, 1, 2)]
    [InlineData(ComparedMethod.Sendfile, true, 0, 2, 1, 2)]
    [InlineData(ComparedMethod.Splice, true, 0, 2, 2, 4)]
    public void From_a_file_to_a_socket(ComparedMethod method, bool gathers, int cpu, int dma, int calls, int switches) =>
        AssertRow(Textbook.Of(method, ComparisonTarget.Socket, gathers), cpu, dma, calls, switches);

    [Theory]
    [InlineData(ComparedMethod.ReadWrite, 2, 2, 2, 4)]
    [InlineData(ComparedMethod.Mmap, 1, 2, 2, 4)]
    [InlineData(ComparedMethod.Sendfile, 1, 2, 1, 2)]
    [InlineData(ComparedMethod.Splice, 1, 2, 2, 4)]
    [InlineData(ComparedMethod.CopyFileRange, 1, 2, 1, 2)]
    [InlineData(ComparedMethod.DirectIO, 0, 2, 2, 4)]
    [InlineData(ComparedMethod.Reflink, 0, 0, 1, 2)]
    public void From_a_file_to_a_file(ComparedMethod method, int cpu, int dma, int calls, int switches) =>
        AssertRow(Textbook.Of(method, ComparisonTarget.File, gathers: true), cpu, dma, calls, switches);

    private static void AssertRow(Textbook row, int cpu, int dma, int calls, int switches) =>
        Assert.Equal((cpu, dma, calls, switches), (row.CpuCopies, row.DmaCopies, row.SystemCalls, row.ModeSwitches));
}
