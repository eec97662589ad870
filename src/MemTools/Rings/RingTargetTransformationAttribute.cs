using System.Collections;
using System.Management.Automation;
using MemTools.Rings;

namespace MemTools.Commands.Support;

/// <summary>Takes rings that this process holds, rings of others as Get-RingBuffer tells of them, and the names of both.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class RingTargetTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => NamedObjectTransformationAttribute.Bare(inputData) switch
    {
        string name => Named(name),
        RingBuffer ring => ring,
        SharedRingInfo shared => shared,
        IList list => list.Cast<object?>().Select(item => Transform(engineIntrinsics, item)).ToArray(),
        var other => throw new ArgumentTransformationMetadataException($"{other?.GetType().Name ?? "Null"} is no ring: give one as New-RingBuffer or Get-RingBuffer returned it, or its name."),
    };

    private static object Named(string name) =>
        (object?)RingBufferTransformationAttribute.Find(name)
        ?? SharedRing.GetAll().FirstOrDefault(shared => shared.Name == name)
        ?? throw new ArgumentTransformationMetadataException($"No ring is called '{name}'. Get-RingBuffer lists those that there are.");
}
