namespace MemTools.Pools;

/// <summary>Memory of any length for what takes spans.</summary>
internal static unsafe class SpanPieces
{
    private const int Piece = 1 << 20;

    /// <summary>Visits pieces in their order until one is not done in full. The memory has to be held meanwhile.</summary>
    /// <returns>How many bytes were done.</returns>
    internal static long Each(byte* first, long length, SpanTransfer transfer)
    {
        long total = 0;
        while (total < length)
        {
            int piece = (int)Math.Min(length - total, Piece);
            int done = transfer(new(first + total, piece));
            total += done;
            if (done < piece)
                break;
        }

        return total;
    }
}
