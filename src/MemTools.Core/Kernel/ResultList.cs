using System.Collections.ObjectModel;

namespace MemTools.Kernel;

/// <summary>A read-only list that also reads well as one line of text, as in a CSV file.</summary>
/// <typeparam name="T">The type of the items.</typeparam>
public sealed class ResultList<T> : ReadOnlyCollection<T>
{
    internal static readonly ResultList<T> None = new([]);

    internal ResultList(IList<T> items)
        : base(items)
    {
    }

    /// <summary>The items, separated by semicolons.</summary>
    public override string ToString() => string.Join("; ", this);
}
