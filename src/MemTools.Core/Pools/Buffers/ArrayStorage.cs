using System.Runtime.InteropServices;

namespace MemTools.Pools;

/// <summary>An array of the caller's, pinned so that its address can be given to the kernel.</summary>
internal sealed class ArrayStorage : NativeStorage
{
    private ArrayStorage(byte[] array, Pinned pinned)
        : base(pinned.DangerousGetHandle(), pinned) => Array = array;

    internal byte[] Array { get; }

    internal override string Kind => "Array";

    /// <summary>None: the memory was there before.</summary>
    internal override long TakenBytes => 0;

    /// <summary>Of the place where it is pinned, up to a page.</summary>
    internal override long Alignment => Math.Min(Address & -Address, Environment.SystemPageSize);

    internal static ArrayStorage Pin(byte[] array) => new(array, new(array));

    internal ArraySegment<byte> SegmentOf(long offset, int length) => new(Array, (int)offset, length);

    /// <summary>Over the array itself, which the garbage collector keeps for the span.</summary>
    internal override Span<byte> SpanOf(long offset, int length) => Array.AsSpan((int)offset, length);

    private protected override void Discard() => throw new InvalidOperationException("No span of it needs its address.");

    private sealed class Pinned : SafeHandle
    {
        private GCHandle _pin;

        internal Pinned(byte[] array)
            : base(-1, ownsHandle: true)
        {
            _pin = GCHandle.Alloc(array, GCHandleType.Pinned);
            SetHandle(_pin.AddrOfPinnedObject());
        }

        public override bool IsInvalid => handle == -1;

        protected override bool ReleaseHandle()
        {
            _pin.Free();
            return true;
        }
    }
}
