using System.Runtime.InteropServices;

namespace MemTools.Pools;

/// <summary>A block of the C library's allocator, for what is too small to deserve pages of its own.</summary>
internal sealed unsafe class AllocatedStorage : NativeStorage
{
    private AllocatedStorage(Block block, long length, long alignment)
        : base(block.DangerousGetHandle(), block) => (TakenBytes, Alignment) = (length, alignment);

    internal override string Kind => "Allocated";

    internal override long TakenBytes { get; }

    internal override long Alignment { get; }

    /// <exception cref="OutOfMemoryException">The allocator has none.</exception>
    internal static AllocatedStorage Make(long length, NativeBufferOptions options)
    {
        Block block = new((nuint)length, (nuint)options.Alignment);
        if (options.Zero)
            NativeMemory.Clear((void*)block.DangerousGetHandle(), (nuint)length);
        return new(block, length, options.Alignment);
    }

    /// <summary>It is small, and freed by its own finalizer when nobody refers to this any more.</summary>
    private protected override void Discard()
    {
    }

    private sealed class Block : SafeHandle
    {
        internal Block(nuint length, nuint alignment)
            : base(0, ownsHandle: true) => SetHandle((nint)NativeMemory.AlignedAlloc(length, alignment));

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            NativeMemory.AlignedFree((void*)handle);
            return true;
        }
    }
}
