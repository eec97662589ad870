namespace MemTools.Pools;

/// <summary>
/// Which rents of a region are over, by their numbers: ranges for what resets dropped, which join as resets are repeated,
/// and single numbers for what was returned before.
/// </summary>
internal sealed class DroppedRents
{
    /// <summary>In ascending order, without overlap: from is not part of a range, to is.</summary>
    private readonly List<(long From, long To)> _ranges = [];
    private readonly HashSet<long> _returned = [];

    internal bool Contains(long number)
    {
        int low = 0;
        int high = _ranges.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            (long from, long to) = _ranges[middle];
            if (number <= from)
                high = middle - 1;
            else if (number > to)
                low = middle + 1;
            else
                return true;
        }

        return _returned.Contains(number);
    }

    /// <summary>Drops all after a number, up to the last one so far.</summary>
    internal void DropAfter(long number, long last)
    {
        if (last == number)
            return;
        if (_returned.Count > 0)
            RemoveAfter(number);
        while (_ranges.Count > 0 && _ranges[^1].To >= number)
        {
            number = Math.Min(number, _ranges[^1].From);
            _ranges.RemoveAt(_ranges.Count - 1);
        }

        _ranges.Add((number, last));
    }

    internal void Drop(long number) => _returned.Add(number);

    /// <summary>A method of its own: what is made for the condition is made only here.</summary>
    private void RemoveAfter(long number) => _returned.RemoveWhere(one => one > number);
}
