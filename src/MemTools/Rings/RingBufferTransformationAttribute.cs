using MemTools.Rings;

namespace MemTools.Commands.Support;

/// <summary>Takes rings as they are or by name.</summary>
public sealed class RingBufferTransformationAttribute : NamedObjectTransformationAttribute
{
    /// <summary>The ring of that name that this process holds; null where there is none.</summary>
    internal static RingBuffer? Find(string name) =>
        RingBuffer.GetAll().FirstOrDefault(ring => string.Equals(ring.Name, name, StringComparison.OrdinalIgnoreCase));

    private protected override object? Named(string name) => Find(name);

    private protected override string Missing(string name) =>
        $"This process holds no ring '{name}'. Get-RingBuffer lists those that there are; Connect-RingBuffer joins one of another process.";
}
