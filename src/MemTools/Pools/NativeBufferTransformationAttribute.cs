using MemTools.Pools;

namespace MemTools.Commands.Support;

/// <summary>Takes native buffers and composites as they are or by name.</summary>
public sealed class NativeBufferTransformationAttribute : NamedObjectTransformationAttribute
{
    private protected override object? Named(string name) =>
        NativeBuffer.GetAll().FirstOrDefault(one => string.Equals(one.Name, name, StringComparison.OrdinalIgnoreCase));

    private protected override string Missing(string name) => $"No native buffer is called '{name}'. Get-NativeBuffer lists those that live.";
}
