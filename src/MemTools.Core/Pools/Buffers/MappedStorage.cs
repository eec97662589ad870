using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>A mapping of its own: large, aligned beyond a page, locked, or of huge pages.</summary>
internal sealed class MappedStorage : NativeStorage
{
    private readonly Mapping _mapping;

    private MappedStorage(Mapping mapping, long alignment)
        : base(mapping.Address, mapping) => (_mapping, Alignment) = (mapping, alignment);

    internal override string Kind => "Mapped";

    internal override long TakenBytes => _mapping.Length;

    /// <summary>A mapping begins at a page, whatever was asked for.</summary>
    internal override long Alignment { get; }

    internal static MappedStorage Make(long length, NativeBufferOptions options)
    {
        Mapping mapping = AnonymousMapping.Map(Math.Max(length, 1), options.Locked, options.HugePage, options.Alignment);
        long pageSize = options.HugePage ? HugePageReserve.PageSize() : Environment.SystemPageSize;
        return new(mapping, Math.Max(options.Alignment, pageSize));
    }

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
