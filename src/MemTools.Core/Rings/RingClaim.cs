using System.Runtime.InteropServices;

namespace MemTools.Rings;

/// <summary>
/// One side of a ring (writing, or reading) as one thread holds it. A thread that takes the side over brings a claim of its
/// own, so that each claim is written by its thread alone, and plain stores are enough: see <see cref="ByteRing"/>.Sides.
/// </summary>
/// <remarks>
/// The fields stand in the middle of the object: whatever the garbage collector puts beside it, the other side's claim
/// say, is on another pair of cache lines.
/// </remarks>
[StructLayout(LayoutKind.Explicit)]
internal sealed class RingClaim
{
    /// <summary>No call is under way.</summary>
    internal const int Idle = 0;

    /// <summary>A call is under way.</summary>
    internal const int Busy = 1;

    /// <summary>The thread has a span on the ring's memory.</summary>
    internal const int SpanOut = 2;

    /// <summary>What a removed ring has in place of its claims: nobody's.</summary>
    internal static readonly RingClaim Closed = new(thread: null);

    internal RingClaim(Thread? thread) => Thread = thread;

    /// <summary>The thread that holds it; null for none yet.</summary>
    [FieldOffset(128)]
    internal readonly Thread? Thread;

    /// <summary>The index of the other side as it was when last looked at. It only ever moves on, so old is safe.</summary>
    [FieldOffset(136)]
    internal ulong Other;

    /// <summary>
    /// How many bytes the span had that was given out last; 0 when its holder said that it is done with it. While it is
    /// not, the memory must not vanish under it.
    /// </summary>
    [FieldOffset(144)]
    internal long Granted;

    /// <summary>Where the stack of that thread was when it last looked closer.</summary>
    [FieldOffset(152)]
    internal StackMark Stack;

    [FieldOffset(160)]
    internal int State;

#pragma warning disable CS0169 // Never used: it makes the object so long. The runtime heeds no Size where there are references.
    [FieldOffset(288)]
    private readonly long _end;
#pragma warning restore CS0169

    /// <summary>Whether the calling thread holds it itself, and not only has the stack of a dead one that does.</summary>
    internal bool IsMine => Thread == Thread.CurrentThread;

    /// <summary>
    /// Whether another thread may take the side over. The span of a thread that has ended is nobody's; a call in a dead one's
    /// name is that of the thread that has its stack.
    /// </summary>
    internal bool IsFree => Volatile.Read(ref State) switch
    {
        Idle => true,
        SpanOut => Thread is { IsAlive: false },
        _ => false,
    };
}
