using MemTools.Kernel;

namespace MemTools.Rings;

/// <summary>
/// A ring of bytes for one writer and one reader, without locks: the design of the Linux kernel's kfifo. Its memory is
/// mapped twice in a row, so that whatever can be read or written is one contiguous span.
/// </summary>
/// <remarks>
/// One thread may write and one may read at a time, and these may be different threads from call to call. Two writes that
/// overlap in time, or two reads, are found out and refused (<see cref="ErrorKind.OverlappingUse"/>). Everything else is
/// safe from any thread. After <see cref="RingBuffer.Dispose()"/> every method throws ObjectDisposedException, also those
/// under way; properties keep their last values.
/// </remarks>
public sealed unsafe partial class ByteRing : RingBuffer
{
    /// <summary>Bytes in front of each record that hold its length.</summary>
    internal const int PrefixLength = sizeof(uint);

    private readonly RingMemory _memory;
    private readonly RingHeader* _header;
    private readonly byte* _data;
    private readonly ulong _capacity;
    private readonly ulong _mask;
    private readonly bool _keepsRecords;
    private readonly bool _dropsOldest;
    private readonly RingFullAction _whenFull;
    private readonly IRingPeers? _peers;

    /// <summary>Takes over memory that has been verified: capacity and mode are as they were then, whatever it says later.</summary>
    internal ByteRing(string name, RingMemory memory, RingMode mode, RingFullAction whenFull, IRingPeers? peers)
        : base(name)
    {
        _memory = memory;
        _header = memory.Header;
        _data = memory.Data;
        _capacity = (ulong)memory.Capacity;
        _mask = _capacity - 1;
        _keepsRecords = mode == RingMode.Record;
        _dropsOldest = whenFull == RingFullAction.DropOldest;
        _whenFull = whenFull;
        _peers = peers;
    }

    /// <summary>Where nobody disposed it.</summary>
    ~ByteRing() => Close();

    /// <inheritdoc/>
    public override string Kind => "Byte";

    /// <summary>Stream or Record (<see cref="RingMode"/>).</summary>
    public string Mode => _keepsRecords ? nameof(RingMode.Record) : nameof(RingMode.Stream);

    /// <inheritdoc/>
    public override string WhenFull => _whenFull.ToString();

    /// <inheritdoc/>
    public override bool IsShared => _peers is not null;

    /// <inheritdoc/>
    public override string? SharedName => _peers?.Name;

    /// <summary>
    /// Where other processes of this user can open the memory while this one holds it, such as /proc/1234/fd/56; null for a
    /// ring of this process alone.
    /// </summary>
    public string? DescriptorPath => _peers?.DescriptorPath;

    /// <inheritdoc/>
    public override int? OwnerProcessId => _peers?.OwnerProcessId;

    /// <summary>The longest record that fits, in bytes; null for a ring that keeps no records.</summary>
    public long? LongestRecord => _keepsRecords ? LongestPiece : null;

    /// <summary>What it has in common with other processes; null for a ring of this process alone.</summary>
    internal IRingPeers? Peers => _peers;

    private protected override long CapacityOfRing => (long)_capacity;

    private RingMode RingMode => _keepsRecords ? RingMode.Record : RingMode.Stream;

    private int LongestPiece => (int)Math.Min(_capacity - (_keepsRecords ? (ulong)PrefixLength : 0), int.MaxValue);

    /// <summary>Makes a ring in this process's memory.</summary>
    /// <param name="options">Capacity, mode, and what a write does where there is no room.</param>
    /// <exception cref="MemToolsException">The capacity makes no sense, or there is not that much memory.</exception>
    public static ByteRing Create(ByteRingOptions? options = null) => Create(options ?? new(), startIndex: 0);

    /// <summary>Lists a ring that others than this class made, under the name wished for, or that with a number.</summary>
    internal static ByteRing Adopt(string wish, Func<string, ByteRing> make) => Add(wish, make);

    /// <summary>The same with indices that begin elsewhere than at 0: near where they wrap, say.</summary>
    internal static ByteRing Create(ByteRingOptions options, ulong startIndex)
    {
        RingMemory memory = RingMemory.Create(RingMemory.RoundUp(options.Capacity), options.Mode, options.WhenFull, startIndex);
        return Add(options.Name, name => new ByteRing(name, memory, options.Mode, options.WhenFull, peers: null));
    }
}
