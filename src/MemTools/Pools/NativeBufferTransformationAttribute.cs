using System.Collections;
using System.Management.Automation;
using MemTools.Pools;

namespace MemTools.Commands.Support;

/// <summary>Takes native buffers and composites as they are or by name.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class NativeBufferTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => Bare(inputData) switch
    {
        string name => Named(name),
        IList list => list.Cast<object?>().Select(item => Bare(item) is string name ? Named(name) : Bare(item)).ToArray(),
        var other => other,
    };

    private static object? Bare(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    private static INativeBuffer Named(string name) =>
        NativeBuffer.GetAll().FirstOrDefault(buffer => string.Equals(buffer.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentTransformationMetadataException($"No native buffer is called '{name}'. Get-NativeBuffer lists those that live.");
}
