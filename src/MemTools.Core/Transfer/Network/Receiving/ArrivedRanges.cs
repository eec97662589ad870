using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Receiving;

/// <summary>
/// Which ranges of a file have come, and which are being written. Each byte comes once: what was hashed already must not be
/// written over. Used under the file's lock.
/// </summary>
internal sealed class ArrivedRanges
{
    /// <summary>How many ranges may lie apart before the hash stops following them.</summary>
    private const int MostGaps = 4096;

    private readonly SortedList<long, long> _ahead = [];

    /// <summary>Ranges that are being written: one a connection at most.</summary>
    private readonly List<(long Start, long End)> _claims = [];

    /// <summary>Up to here nothing is missing.</summary>
    internal long Contiguous { get; private set; }

    /// <summary>Begins behind what an earlier run brought.</summary>
    internal void Begin(long offset) => Contiguous = offset;

    /// <exception cref="TransferException">ProtocolViolation: some of it has come before.</exception>
    internal void Claim(long start, long end)
    {
        if (start < Contiguous || _claims.Any(claim => start < claim.End && claim.Start < end) || OverlapsAhead(start, end))
            throw Violation.Of($"the range at {start} has come before");
        _claims.Add((start, end));
    }

    /// <summary>Ends what <see cref="Claim"/> began.</summary>
    internal void Release(long start, long end) => _claims.Remove((start, end));

    /// <summary>Takes note of a range that is in the file.</summary>
    internal void Add(long start, long end)
    {
        if (_ahead.Count < MostGaps)
            _ahead[start] = Math.Max(end, _ahead.GetValueOrDefault(start));
        while (_ahead.Count > 0 && _ahead.Keys[0] <= Contiguous)
        {
            Contiguous = Math.Max(Contiguous, _ahead.Values[0]);
            _ahead.RemoveAt(0);
        }
    }

    private bool OverlapsAhead(long start, long end)
    {
        // The last that begins before the end is the only one that could reach into it: they do not overlap each other.
        int low = 0;
        for (int high = _ahead.Count; low < high;)
        {
            int middle = (low + high) / 2;
            if (_ahead.Keys[middle] < end)
                low = middle + 1;
            else
                high = middle;
        }

        return low > 0 && _ahead.Values[low - 1] > start;
    }
}
