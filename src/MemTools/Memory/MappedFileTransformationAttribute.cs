using MemTools.Memory;

namespace MemTools.Commands.Support;

/// <summary>Takes mapped files as they are or by name.</summary>
public sealed class MappedFileTransformationAttribute : NamedObjectTransformationAttribute
{
    private protected override object? Named(string name) =>
        MappedFile.GetAll().FirstOrDefault(one => string.Equals(one.Name, name, StringComparison.OrdinalIgnoreCase));

    private protected override string Missing(string name) => $"No mapped file is called '{name}'. Get-MappedFile lists those that are open.";
}
