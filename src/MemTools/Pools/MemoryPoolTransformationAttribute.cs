using System.Collections;
using System.Management.Automation;
using MemTools.Pools;

namespace MemTools.Commands.Support;

/// <summary>Takes pools as they are or by name.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class MemoryPoolTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => Bare(inputData) switch
    {
        string name => Named(name),
        IList list => list.Cast<object?>().Select(item => Bare(item) is string name ? Named(name) : Bare(item)).ToArray(),
        var other => other,
    };

    private static object? Bare(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    private static MemoryPool Named(string name) =>
        MemoryPool.GetAll().FirstOrDefault(pool => string.Equals(pool.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentTransformationMetadataException($"No memory pool is called '{name}'. Get-MemoryPool lists those that live.");
}
