using MemTools.Pools;

namespace MemTools.Commands.Support;

/// <summary>Completes the names of the pools that live.</summary>
public sealed class MemoryPoolNameCompleter : NameCompleter
{
    private protected override IEnumerable<(string Name, string ToolTip)> Live() =>
        MemoryPool.GetAll().Select(pool => (pool.Name, $"{pool.Kind}, {pool.InUse} blocks rented"));
}
