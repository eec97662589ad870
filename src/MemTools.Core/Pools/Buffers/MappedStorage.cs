using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>A mapping of its own: large, aligned beyond a page, locked, or of huge pages.</summary>
internal sealed class MappedStorage : NativeStorage
{
    private readonly Mapping _mapping;

    private MappedStorage(Mapping mapping)
        : base(mapping.Address, mapping) => _mapping = mapping;

    internal override string Kind => "Mapped";

    internal override long TakenBytes => _mapping.Length;

    internal static MappedStorage Make(long length, NativeBufferOptions options) =>
        new(AnonymousMapping.Map(Math.Max(length, 1), options.Locked, options.HugePage, options.Alignment));

    /// <summary>The mapping's own finalizer unmaps it, when nobody refers to this any more.</summary>
    private protected override void Discard()
    {
        try
        {
            AnonymousMapping.Discard(_mapping);
        }
        catch (ObjectDisposedException)
        {
            // Both are being finalized, and the mapping was first.
        }
    }
}
