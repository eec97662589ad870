using MemTools.Pools;

namespace MemTools.Commands.Support;

/// <summary>Takes pools as they are or by name.</summary>
public sealed class MemoryPoolTransformationAttribute : NamedObjectTransformationAttribute
{
    private protected override object? Named(string name) =>
        MemoryPool.GetAll().FirstOrDefault(one => string.Equals(one.Name, name, StringComparison.OrdinalIgnoreCase));

    private protected override string Missing(string name) => $"No memory pool is called '{name}'. Get-MemoryPool lists those that live.";
}
