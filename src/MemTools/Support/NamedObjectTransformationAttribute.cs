using System.Collections;
using System.Management.Automation;

namespace MemTools.Commands.Support;

/// <summary>Takes objects that live as they are or by name, one or several.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public abstract class NamedObjectTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => Bare(inputData) switch
    {
        string name => Named(name) ?? throw new ArgumentTransformationMetadataException(Missing(name)),
        IList list => list.Cast<object?>().Select(item => Transform(engineIntrinsics, item)).ToArray(),
        var other => other,
    };

    /// <summary>What PowerShell may have wrapped.</summary>
    internal static object? Bare(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    /// <summary>The object of that name; null where there is none.</summary>
    private protected abstract object? Named(string name);

    /// <summary>Says that there is none, and what lists those that there are.</summary>
    private protected abstract string Missing(string name);
}
