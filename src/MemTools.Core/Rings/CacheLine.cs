namespace MemTools.Rings;

/// <summary>How far apart what two processors write must lie, so that neither takes the other's line away.</summary>
internal static class CacheLine
{
    /// <summary>
    /// In bytes: two lines of 64, since x64 fetches lines in pairs and some arm64 processors have lines of 128. What lies
    /// that far apart is on different lines wherever the garbage collector puts the object.
    /// </summary>
    internal const int Size = 128;
}
