using System.Runtime.CompilerServices;

namespace MemTools.Rings;

/// <summary>
/// What a side of a ring does that finds it empty, or full, while the other works: it lets some items gather. Two sides that
/// run at one heel take each other's lines of memory away for every item; after a pause one travel of a line is for many.
/// </summary>
internal static class HeelPause
{
    /// <summary>In units of the runtime, of some 37 ns each: a hundred items' time, or that of waking nobody.</summary>
    private const int Units = 32;

    /// <summary>How often one item between two looks in vain is answered by a pause: is it a dialogue, or a stream at one heel?</summary>
    private const long ProbeEvery = 64;

    /// <summary>To be called after a look in vain; look again where it says so.</summary>
    /// <param name="last">Where this side's last look in vain was; updated.</param>
    /// <param name="index">Where this one was: how many items the side has passed on.</param>
    /// <returns>Whether it has paused.</returns>
    /// <remarks>
    /// Who only asks, of a ring in which nothing moves, is not held up. Nor is a dialogue, where each side waits for one item
    /// of the other; but a stream can look like one, so now and then it is put to the test. In a stream many items come
    /// during the pause, so that the next look in vain is found to be far from this one.
    /// Where several threads use the side they share the place of the last look. That they may overwrite each other's is a
    /// pause more or less.
    /// </remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static bool Pause(ref long last, long index)
    {
        long passed = index - Volatile.Read(ref last);
        if (passed == 0)
            return false;
        Volatile.Write(ref last, index);
        if (passed == 1 && index % ProbeEvery != 0)
            return false;
        Thread.SpinWait(Units);
        return true;
    }
}
