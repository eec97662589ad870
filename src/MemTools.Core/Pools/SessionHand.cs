namespace MemTools.Pools;

/// <summary>What a session has in hand, while it is given back to the pool for a step that is not a few instructions.</summary>
/// <param name="Head">The list of free blocks.</param>
/// <param name="Free">How many there are in it.</param>
/// <param name="Rents">How many were rented from it.</param>
internal record struct SessionHand(nint Head, long Free, long Rents)
{
    /// <summary>Of a session that was disposed.</summary>
    internal readonly bool HasEnded => Rents < 0;
}
