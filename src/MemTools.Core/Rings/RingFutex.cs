using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Rings;

/// <summary>Sleeping on a word of a ring's memory, and waking who sleeps there.</summary>
internal static unsafe class RingFutex
{
    /// <summary>Sleeps while the word is 1, at most so long. Returns for no reason at times: the caller looks again.</summary>
    internal static void Sleep(uint* word, TimeSpan time)
    {
        TimeSpec relative = new()
        {
            Seconds = (long)time.TotalSeconds,
            Nanoseconds = time.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick,
        };
        // EAGAIN (the word is no longer 1), ETIMEDOUT and EINTR all mean the same: look again.
        _ = FutexCalls.Wait(SystemCallNumbers.Current.Futex, word, FutexCalls.WaitOperation, 1, &relative, 0, 0);
    }

    /// <summary>Wakes who sleeps on the word.</summary>
    internal static void Wake(uint* word)
    {
        // Whoever sleeps next says so anew. Before the wake, so that it does not take back what a woken one says.
        Volatile.Write(ref *word, 0);
        _ = FutexCalls.Wake(SystemCallNumbers.Current.Futex, word, FutexCalls.WakeOperation, int.MaxValue, 0, 0, 0);
    }
}
