using System.Collections;
using System.Management.Automation;
using MemTools.Rings;

namespace MemTools.Commands.Support;

/// <summary>Takes pipe queues as they are or by name.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class PipeQueueTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => Bare(inputData) switch
    {
        string name => Named(name),
        IList list => list.Cast<object?>().Select(item => Transform(engineIntrinsics, item)).ToArray(),
        var other => other,
    };

    private static object? Bare(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    private static PipeQueue Named(string name) =>
        PipeQueue.GetAll().FirstOrDefault(queue => string.Equals(queue.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentTransformationMetadataException($"No pipe queue is called '{name}'. Get-PipeQueue lists those that there are.");
}
