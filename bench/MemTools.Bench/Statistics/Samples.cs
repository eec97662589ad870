namespace MemTools.Bench.Statistics;

/// <summary>What each contender took in each round. Values at the same index are of the same round.</summary>
internal sealed class Samples
{
    private readonly Dictionary<string, List<double>> _values = [];

    internal IEnumerable<string> Names => _values.Keys;

    internal IReadOnlyList<double> this[string name] => _values[name];

    internal void Add(string name, double value)
    {
        if (!_values.TryGetValue(name, out List<double>? values))
            _values.Add(name, values = []);
        values.Add(value);
    }

    /// <summary>The same without the first round.</summary>
    internal Samples AfterTheFirst()
    {
        Samples rest = new();
        foreach ((string name, List<double> values) in _values)
            rest._values.Add(name, values[1..]);
        return rest;
    }

    internal double Median(string name) => MedianOf(_values[name]);

    internal double Smallest(string name) => _values[name].Min();

    internal double Largest(string name) => _values[name].Max();

    /// <summary>The median of the ratios within the rounds: first over the sum of the others.</summary>
    internal double Ratio(string name, params string[] others) =>
        MedianOf(_values[name].Select((value, round) => value / others.Sum(other => _values[other][round])));

    /// <summary>The median of the differences within the rounds.</summary>
    internal double Extra(string name, string over) =>
        MedianOf(_values[name].Select((value, round) => value - _values[over][round]));

    private static double MedianOf(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
