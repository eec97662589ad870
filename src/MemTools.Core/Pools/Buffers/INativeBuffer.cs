namespace MemTools.Pools;

/// <summary>What a native buffer and a composite of several have in common, for lists of both.</summary>
public interface INativeBuffer : IDisposable
{
    /// <summary>What commands know it by.</summary>
    string Name { get; }

    /// <summary>Allocated, Mapped, Array or Composite.</summary>
    string Kind { get; }

    /// <summary>In bytes.</summary>
    long Length { get; }

    /// <summary>Bytes of it that are in memory now; null when it is disposed, and where the kernel does not tell.</summary>
    long? ResidentBytes { get; }

    /// <summary>Whether it has let go of its memory.</summary>
    bool IsDisposed { get; }

    /// <summary>Where it was made; null where that was not kept.</summary>
    string? MadeAt { get; }
}
