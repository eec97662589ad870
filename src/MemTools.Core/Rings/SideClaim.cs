using System.Runtime.InteropServices;

namespace MemTools.Rings;

/// <summary>One side of a queue as one thread holds it; written by that thread alone. See <see cref="SoleSide"/>.</summary>
/// <remarks>The fields stand in the middle: whatever lies beside the object is on another pair of cache lines.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 3 * CacheLine.Size)]
internal sealed class SideClaim
{
    internal SideClaim(int thread) => Thread = thread;

    /// <summary>The managed thread that holds it; 0 for none yet.</summary>
    [FieldOffset(CacheLine.Size)]
    internal readonly int Thread;

    /// <summary>Whether a call is under way.</summary>
    [FieldOffset(CacheLine.Size + 4)]
    internal bool Inside;

    /// <summary>Where the stack of that thread was when it last looked closer.</summary>
    [FieldOffset(CacheLine.Size + 8)]
    internal StackMark Stack;
}
