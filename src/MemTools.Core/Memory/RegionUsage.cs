namespace MemTools.Memory;

/// <summary>The numbers of a region: bytes, or a bare number where the kernel gives no unit. -1 where there is no such line.</summary>
internal sealed class RegionUsage
{
    internal static readonly int FieldCount = Enum.GetValues<UsageField>().Length;

    private readonly long[] _values;

    internal RegionUsage(ReadOnlySpan<long> values) => _values = values.ToArray();

    internal long? this[UsageField field] => _values[(int)field] is >= 0 and var value ? value : null;

    /// <summary>The sum of those that the kernel gives; null where it gives none.</summary>
    internal long? Sum(params ReadOnlySpan<UsageField> fields)
    {
        long? sum = null;
        foreach (UsageField field in fields)
        {
            if (this[field] is { } value)
                sum = (sum ?? 0) + value;
        }

        return sum;
    }
}
