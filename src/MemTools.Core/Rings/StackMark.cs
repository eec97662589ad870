using System.Runtime.CompilerServices;

namespace MemTools.Rings;

/// <summary>
/// Whose a claim is, told by where the stack is: asking .NET which thread this is costs as much as passing on an item, and
/// looking at the stack costs nothing.
/// </summary>
/// <remarks>
/// Two living threads never have variables within a page of each other: a guard page lies between any two stacks, and .NET
/// runs nothing on the last pages of one. Nor does a thread run .NET's code on two stacks by turns: signal handlers that have
/// one of their own run none of it, and fibers it does not know.
/// A thread that has the stack of a dead one, as happens all the time, since libraries keep stacks for the next thread, passes
/// for that. For a call this is right: the two take turns, and who hands a stack on hands on what was stored before. What
/// outlasts a call asks for the thread itself: <see cref="RingClaim.IsMine"/>.
/// </remarks>
internal unsafe struct StackMark
{
    /// <summary>Less than a page of any machine, on either side.</summary>
    private const nuint SmallestPage = 4095;

    /// <summary>0 for nowhere.</summary>
    private nuint _place;

    /// <summary>
    /// Whether the calling thread made the mark; false at times where it did, when the call comes from much deeper or much
    /// less deep than before.
    /// </summary>
    internal readonly bool IsHere
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        [SkipLocalsInit]
        get
        {
            byte here;
            return (nuint)(&here) - _place + SmallestPage <= 2 * SmallestPage;
        }
    }

    /// <summary>Marks the stack of the calling thread.</summary>
    internal void Set()
    {
        byte here;
        _place = (nuint)(&here);
    }
}
