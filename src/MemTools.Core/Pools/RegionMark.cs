namespace MemTools.Pools;

/// <summary>
/// A place in the life of a region pool that it can be reset to: what was rented since, and no more, is dropped then.
/// Marks nest. Disposing one resets to it, unless that has happened already.
/// </summary>
public sealed class RegionMark : IDisposable
{
    internal RegionMark(RegionPool pool, RegionPosition position)
    {
        Pool = pool;
        Position = position;
    }

    /// <summary>Whose mark it is.</summary>
    public RegionPool Pool { get; }

    /// <summary>How many blocks had been rented before it.</summary>
    public long RentNumber => Position.Serial;

    /// <summary>Whether the pool can be reset to it: not after it was, or was reset to an earlier place.</summary>
    public bool IsValid => Pool.Knows(this);

    internal RegionPosition Position { get; set; }

    /// <summary>Resets the pool to it.</summary>
    public void Dispose()
    {
        if (IsValid)
            Pool.Reset(this);
    }
}

/// <summary>How far a region has come.</summary>
/// <param name="Chunk">The chunk that blocks are cut from; -1 before the first.</param>
/// <param name="At">Where in it the next block begins.</param>
/// <param name="Large">How many large blocks there are.</param>
/// <param name="Handlers">How many clean-up handlers there are.</param>
/// <param name="Serial">The number of the last block.</param>
/// <param name="Live">How many blocks have been rented and neither dropped nor returned.</param>
internal readonly record struct RegionPosition(int Chunk, nint At, int Large, int Handlers, long Serial, long Live);
