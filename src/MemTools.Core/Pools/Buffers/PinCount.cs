namespace MemTools.Pools;

/// <summary>How often memory is pinned.</summary>
internal static class PinCount
{
    /// <exception cref="InvalidOperationException">It is not: letting go of what nobody holds would free what others use.</exception>
    internal static void Remove(ref int pins)
    {
        if (Interlocked.Decrement(ref pins) >= 0)
            return;
        Interlocked.Increment(ref pins);
        throw new InvalidOperationException("This memory is not pinned. Dispose the handle that Pin returned, once.");
    }
}
