namespace MemTools.Rings;

/// <summary>A slot of <see cref="MpmcRing{T}"/>.</summary>
internal struct TurnSlot<T>
{
    /// <summary>Whose turn it is.</summary>
    internal long Turn;

    /// <summary>Belongs to whom the turn names.</summary>
    internal T Item;
}
