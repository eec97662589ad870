using System.Collections;
using System.Management.Automation;
using MemTools.Memory;

namespace MemTools.Commands.Support;

/// <summary>Takes mapped files as they are or by name.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class MappedFileTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => Bare(inputData) switch
    {
        string name => Named(name),
        IList list => list.Cast<object?>().Select(item => Bare(item) is string name ? Named(name) : Bare(item)).ToArray(),
        var other => other,
    };

    private static object? Bare(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    private static MappedFile Named(string name) =>
        MappedFile.GetAll().FirstOrDefault(file => string.Equals(file.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentTransformationMetadataException($"No mapped file is called '{name}'. Get-MappedFile lists those that are open.");
}
