namespace MemTools.Transfer;

/// <summary>Something that follows a copy piece by piece: a hash, the page cache's broom.</summary>
internal interface IPieceObserver
{
    /// <summary>A piece has arrived at the destination.</summary>
    /// <param name="job">The copy.</param>
    /// <param name="sourceOffset">Where the piece was in the source.</param>
    /// <param name="destinationOffset">Where it is in the destination.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="content">The bytes themselves where the method had them in its hands; else empty.</param>
    void Copied(CopyJob job, long sourceOffset, long destinationOffset, long length, ReadOnlySpan<byte> content);

    /// <summary>A hole was passed over.</summary>
    void Hole(long length);
}
