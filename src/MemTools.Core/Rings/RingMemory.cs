using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Rings;

/// <summary>
/// The memory of a byte ring: a page with the <see cref="RingHeader"/>, then the data, then the same data once more, so
/// that any run of bytes in the ring is one contiguous piece. All of it is a memfd that is sealed against shrinking and
/// growing and has all its pages from the beginning: no process that shares it can make touching it raise SIGBUS.
/// </summary>
internal sealed unsafe class RingMemory : SafeHandle
{
    /// <summary>A capacity beyond this is refused before anything is computed from it.</summary>
    internal const long LargestCapacity = 1L << 40;

    private const uint OwnerOnly = 0x180; // 0600

    private readonly nuint _length;

    private RingMemory(nint address, nuint length, Descriptor file, long headerLength, long capacity)
        : base(0, ownsHandle: true)
    {
        SetHandle(address);
        _length = length;
        File = file;
        HeaderLength = headerLength;
        Capacity = capacity;
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The memfd; what another process reaches the ring by.</summary>
    internal Descriptor File { get; }

    internal long HeaderLength { get; }

    /// <summary>Bytes of data.</summary>
    internal long Capacity { get; }

    internal RingHeader* Header => (RingHeader*)handle;

    /// <summary>The first byte of data; twice the capacity can be touched from here on.</summary>
    internal byte* Data => (byte*)handle + HeaderLength;

    /// <summary>The capacity that a ring gets for one asked for.</summary>
    internal static long RoundUp(long capacity)
    {
        if (capacity is < 1 or > LargestCapacity)
            throw new MemToolsException(ErrorKind.Misuse, $"A ring holds from 1 byte to {HumanUnits.Size(LargestCapacity)}; {capacity} is not within that.");
        return (long)BitOperations.RoundUpToPowerOf2((ulong)Math.Max(capacity, Environment.SystemPageSize));
    }

    /// <summary>New memory for an empty ring.</summary>
    /// <param name="capacity">Rounded up already.</param>
    /// <param name="mode">Stream or records.</param>
    /// <param name="whenFull">What a write does where there is no room.</param>
    /// <param name="startIndex">Where the indices begin: tests set it near where they wrap.</param>
    /// <param name="name">What other processes call the ring, at most 100 bytes of UTF-8; empty where there are none.</param>
    /// <exception cref="MemToolsException">The machine has not that much memory.</exception>
    internal static RingMemory Create(long capacity, RingMode mode, RingFullAction whenFull, ulong startIndex = 0, string name = "")
    {
        long headerLength = Environment.SystemPageSize;
        Descriptor file = MakeFile(headerLength + capacity, name);
        RingMemory memory = Map(file, headerLength, capacity);
        RingHeader* header = memory.Header;
        header->Version = RingHeader.CurrentVersion;
        header->HeaderLength = (uint)headerLength;
        header->Capacity = (ulong)capacity;
        header->Mode = (uint)mode;
        header->WhenFull = (uint)whenFull;
        header->StartIndex = startIndex;
        header->ProducerIndex = startIndex;
        header->OldestIndex = startIndex;
        header->FirstOldest.Index = startIndex;
        // The second place must not look like the one that counts.
        header->SecondOldest.Index = startIndex - 1;
        header->ConsumerIndex = startIndex;
        Encoding.UTF8.GetBytes(name, new Span<byte>((byte*)header + RingHeader.NameOffset, RingHeader.NameRoom - 1));
        // Release: who sees the magic sees the rest.
        Volatile.Write(ref header->Magic, RingHeader.ExpectedMagic);
        return memory;
    }

    /// <summary>
    /// Maps a ring's file, whose size and seals have been looked at. Takes the descriptor over, also where it fails.
    /// </summary>
    /// <exception cref="SystemCallException">mmap failed, as with ENOMEM past RLIMIT_AS.</exception>
    internal static RingMemory Map(Descriptor file, long headerLength, long capacity)
    {
        nuint length = (nuint)(headerLength + (2 * capacity));
        // First the room for all three parts, so that nothing of anybody's lies between them.
        const int unused = MemoryCalls.MapPrivate | MemoryCalls.MapAnonymous | MemoryCalls.MapNoReserve;
        nint address = MemoryCalls.Map(0, length, MemoryCalls.ProtectNone, unused, Descriptor.None, 0);
        if (address == MemoryCalls.Failed)
        {
            SystemCallException failure = MapFailed(capacity);
            file.Dispose();
            throw failure;
        }

        RingMemory memory = new(address, length, file, headerLength, capacity);
        if (memory.MapPart(0, headerLength, 0) && memory.MapPart(headerLength, capacity, headerLength)
            && memory.MapPart(headerLength + capacity, capacity, headerLength))
        {
            return memory;
        }

        SystemCallException partFailure = MapFailed(capacity);
        memory.Dispose();
        throw partFailure;
    }

    /// <summary>
    /// Instead of <see cref="SafeHandle.Dispose()"/> where somebody still has a span on the data: gives the memory back,
    /// but leaves zeros in its place, so that touching them harms nobody. The addresses are never used again.
    /// </summary>
    internal void Abandon()
    {
        if (IsClosed)
            return;
        const int flags = MemoryCalls.MapPrivate | MemoryCalls.MapAnonymous | MemoryCalls.MapNoReserve | MemoryCalls.MapFixed;
        const int protection = MemoryCalls.ProtectRead | MemoryCalls.ProtectWrite;
        _ = MemoryCalls.Map(handle, _length, protection, flags, Descriptor.None, 0);
        File.Dispose();
        SetHandleAsInvalid();
    }

    protected override bool ReleaseHandle()
    {
        File.Dispose();
        return MemoryCalls.Unmap(handle, _length) == 0;
    }

    private static Descriptor MakeFile(long length, string name)
    {
        if (length > GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)
            throw NoMemory(length);
        Descriptor file;
        // What /proc/PID/maps and /proc/PID/fd show.
        fixed (byte* shown = NativePath.From($"memtools-ring{(name.Length > 0 ? ":" : string.Empty)}{name}"))
        {
            const uint flags = MemoryFileCalls.CloseOnExec | MemoryFileCalls.AllowSealing;
            file = new((nint)Check(KernelResult.Of(MemoryFileCalls.Create(shown, flags)), "memfd_create"));
        }

        try
        {
            // A memfd is born with 0777. No other user reaches it, but the mode should say so too.
            Check(FileMetadata.SetMode(file, OwnerOnly), "fchmod");
            long result = FileIO.Truncate(file, length);
            Check(result, "ftruncate");
            result = FileIO.Allocate(file, 0, 0, length);
            if (KernelResult.ErrnoOf(result) is Errno.ENOSPC or Errno.ENOMEM)
                throw NoMemory(length);
            Check(result, "fallocate");
            const nint seals = MemoryFileCalls.SealShrink | MemoryFileCalls.SealGrow | MemoryFileCalls.SealSeals;
            Check(KernelResult.Of(FileCalls.Control(file, MemoryFileCalls.AddSeals, seals)), "fcntl");
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private bool MapPart(long at, long length, long offset)
    {
        // The pages are there: populating only fills in the page tables, which spares a fault for each page later.
        const int flags = MemoryCalls.MapShared | MemoryCalls.MapFixed | MemoryCalls.MapPopulate;
        const int protection = MemoryCalls.ProtectRead | MemoryCalls.ProtectWrite;
        return MemoryCalls.Map(handle + (nint)at, (nuint)length, protection, flags, File, offset) != MemoryCalls.Failed;
    }

    private static MemToolsException NoMemory(long length) =>
        new(ErrorKind.OutOfMemory, $"There are not {HumanUnits.Size(length)} of memory for a ring. A smaller -Capacity would fit.");

    private static SystemCallException MapFailed(long capacity) =>
        new("mmap", KernelResult.ErrnoOf(KernelResult.Of(-1)), $"a ring of {HumanUnits.Size(capacity)}");

    private static long Check(long result, string call) => SystemCallException.Check(result, call, NativePath.From("memfd:memtools-ring"));
}
