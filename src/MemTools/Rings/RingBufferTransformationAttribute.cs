using System.Collections;
using System.Management.Automation;
using MemTools.Rings;

namespace MemTools.Commands.Support;

/// <summary>Takes rings as they are or by name.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class RingBufferTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => Bare(inputData) switch
    {
        string name => Named(name),
        IList list => list.Cast<object?>().Select(item => Transform(engineIntrinsics, item)).ToArray(),
        var other => other,
    };

    /// <summary>The ring of that name that this process holds; null where there is none.</summary>
    internal static RingBuffer? Find(string name) =>
        RingBuffer.GetAll().FirstOrDefault(ring => string.Equals(ring.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>What PowerShell may have wrapped.</summary>
    internal static object? Bare(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    private static RingBuffer Named(string name) => Find(name)
        ?? throw new ArgumentTransformationMetadataException(
            $"This process holds no ring '{name}'. Get-RingBuffer lists those that there are; Connect-RingBuffer joins one of another process.");
}
