using System.Runtime.InteropServices;

namespace MemTools.Rings;

/// <summary>One side of a queue as one thread holds it; written by that thread alone. See <see cref="SoleSide"/>.</summary>
/// <remarks>The fields stand in the middle: whatever lies beside the object is on another pair of cache lines.</remarks>
[StructLayout(LayoutKind.Explicit)]
internal sealed class SideClaim
{
    internal SideClaim(Thread? thread) => Thread = thread;

    /// <summary>The thread that holds it; null for none yet.</summary>
    [FieldOffset(CacheLine.Size)]
    internal readonly Thread? Thread;

    /// <summary>Where the stack of that thread was when it last looked closer.</summary>
    [FieldOffset(CacheLine.Size + 8)]
    internal StackMark Stack;

    /// <summary>Whether a call is under way.</summary>
    [FieldOffset(CacheLine.Size + 16)]
    internal bool Inside;

#pragma warning disable CS0169 // Never used: it makes the object so long. The runtime heeds no Size where there are references.
    [FieldOffset(3 * CacheLine.Size)]
    private readonly long _end;
#pragma warning restore CS0169

    /// <summary>Whether the calling thread holds it itself, and not only has the stack of a dead one that does.</summary>
    internal bool IsMine => Thread == Thread.CurrentThread;
}
