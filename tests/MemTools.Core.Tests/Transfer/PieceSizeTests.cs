using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.Transfer;

public class PieceSizeTests
{
    private static readonly long Fiftieth = Stopwatch.Frequency / 20;

    [Fact]
    public void The_first_piece_is_a_MiB() => Assert.Equal(1024 * 1024, new PieceSize().Next);

    [Fact]
    public void Whatever_is_observed_the_piece_stays_in_bounds_and_aligned() => Properties.Hold(
        (from bytes in Gen.Choose(0, int.MaxValue)
         from scale in Gen.Elements(0L, 1, 1000, 1L << 32)
         from ticks in Gen.Choose(-1, int.MaxValue)
         select (Bytes: bytes * scale, Ticks: (long)ticks * Math.Max(scale, 1))).NonEmptyListOf(),
        observations =>
        {
            PieceSize pieces = new();
            foreach ((long bytes, long ticks) in observations)
            {
                pieces.Observe(bytes, ticks);
                Assert.InRange(pieces.Next, PieceSize.Smallest, PieceSize.Largest);
                Assert.Equal(0, pieces.Next % PieceSize.Smallest);
            }
        });

    [Fact]
    public void Fast_calls_make_it_grow_to_the_largest()
    {
        PieceSize pieces = new();
        for (int i = 0; i < 10; i++)
            pieces.Observe(pieces.Next, 1);
        Assert.Equal(PieceSize.Largest, pieces.Next);
    }

    [Fact]
    public void Slow_calls_make_it_shrink_to_the_smallest()
    {
        PieceSize pieces = new();
        for (int i = 0; i < 10; i++)
            pieces.Observe(pieces.Next, 10 * Stopwatch.Frequency);
        Assert.Equal(PieceSize.Smallest, pieces.Next);
    }

    [Fact]
    public void A_call_of_the_wanted_time_changes_nothing()
    {
        PieceSize pieces = new();
        pieces.Observe(pieces.Next, Fiftieth);
        Assert.Equal(PieceSize.First, pieces.Next);
    }

    [Fact]
    public void A_call_of_twice_the_wanted_time_halves_it()
    {
        PieceSize pieces = new();
        pieces.Observe(pieces.Next, 2 * Fiftieth);
        Assert.Equal(PieceSize.First / 2, pieces.Next);
    }

    [Fact]
    public void A_call_that_moved_little_says_nothing()
    {
        PieceSize pieces = new();
        pieces.Observe((pieces.Next / 2) - 1, 10 * Stopwatch.Frequency);
        Assert.Equal(PieceSize.First, pieces.Next);
    }
}
