using System.Runtime.CompilerServices;

namespace MemTools.Rings;

/// <summary>
/// What a side of a ring does that runs at the other's heel: it lets some items gather. Two sides that are that close take
/// each other's lines of memory away for every item; after a pause one travel of a line is for many.
/// </summary>
/// <remarks>Where several threads use the side they share this. That they may overwrite each other's is a pause more or less.</remarks>
internal struct HeelPause
{
    /// <summary>In units of the runtime, of some 37 ns each: a hundred items' time, or that of waking nobody.</summary>
    private const int Units = 32;

    /// <summary>How often one item between two looks in vain is answered by a pause: is it a dialogue, or a stream at one heel?</summary>
    private const long ProbeEvery = 64;

    /// <summary>What a look brings at least, in items, that was worth the travel of the index: two lines of references.</summary>
    private const long Worthwhile = 16;

    /// <summary>After so many looks in a row that brought something, and little, it is a stream at one heel.</summary>
    private const int PoorLooks = 4;

    private long _last;
    private int _poor;

    /// <summary>To be called after a look that brought little or nothing; look again where it says so.</summary>
    /// <param name="index">Where the side is: how many items it has passed on, or may pass on.</param>
    /// <param name="brought">How many items, or places, the look brought.</param>
    /// <returns>Whether it has paused.</returns>
    /// <remarks>
    /// Who only asks, of a ring in which nothing moves, is not held up. Nor is a dialogue, where each side waits for one item
    /// of the other, and so looks in vain between any two; but a stream can look like one, so now and then it is put to the
    /// test. In a stream many items come during the pause, so that the next look in vain is found to be far from this one.
    /// </remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal bool After(long index, long brought)
    {
        if (!(brought == 0 ? IsStream(index) : IsPoor(brought)))
            return false;
        Thread.SpinWait(Units);
        return true;
    }

    private bool IsStream(long index)
    {
        _poor = 0;
        long passed = index - _last;
        _last = index;
        return passed > 1 || (passed == 1 && index % ProbeEvery == 0);
    }

    private bool IsPoor(long brought)
    {
        _poor = brought < Worthwhile ? (_poor + 1) % PoorLooks : 0;
        return brought < Worthwhile && _poor == 0;
    }
}
