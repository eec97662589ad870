using MemTools.Kernel;

namespace MemTools.Transfer.Trees;

/// <summary>A name as a key: equal where the bytes are.</summary>
internal readonly struct NativeName(NativePath name) : IEquatable<NativeName>
{
    internal NativePath Name { get; } = name;

    public bool Equals(NativeName other) => Name.Bytes.SequenceEqual(other.Name.Bytes);

    public override bool Equals(object? obj) => obj is NativeName other && Equals(other);

    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Name.Bytes);
        return hash.ToHashCode();
    }
}
