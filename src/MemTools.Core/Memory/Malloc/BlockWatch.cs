using System.Runtime.InteropServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>Where a block came from.</summary>
internal enum BlockSource
{
    Refused,
    Break,
    Mapping,
    Top,
    Tcache,
    FastBin,
    Bin,
}

/// <summary>Where a block went.</summary>
internal enum FreedTo
{
    Unmapped,
    BreakMovedBack,
    Top,
    Tcache,
    FastBin,
    Bin,
}

/// <summary>What malloc did. Sizes are in bytes.</summary>
internal readonly record struct BlockBirth(nint Address, Errno Errno, BlockSource Source, long BreakMoved, long Mapped, long Faults);

/// <summary>What free did. Sizes are in bytes.</summary>
internal readonly record struct BlockDeath(FreedTo FreedTo, long BreakReturned, long Unmapped, long TopBytes);

/// <summary>Allocates and frees, and compares the heap before and after. Between the two looks nothing else allocates.</summary>
internal sealed unsafe class BlockWatch(GlibcMalloc library) : IDisposable
{
    private readonly MapsText _before = MapsText.Create();
    private readonly MapsText _after = MapsText.Create();

    /// <summary>Compiles what is measured, without allocating anything: no request can be that large.</summary>
    internal static void WarmUp()
    {
        using Mapping memory = Mapping.Memory(Environment.SystemPageSize);
        Touch(memory.Address, Environment.SystemPageSize);
        MallocCalls.Free(MallocCalls.Allocate(nuint.MaxValue));
    }

    /// <summary>Runs each step once. The mapping is kept: freeing one would raise the threshold.</summary>
    internal void Rehearse()
    {
        Free(Allocate(100).Address);
        Free(Allocate(3000).Address);
        Touch(Allocate((ulong)MallocLayout.HighestThreshold).Address, 1);
    }

    internal BlockBirth Allocate(ulong size)
    {
        _before.Read();
        HeapState before = HeapState.Now(library);
        long faultsBefore = ThreadUsage.Now().MinorFaults;
        nint block = MallocCalls.Allocate((nuint)size);
        Errno errno = block == 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
        long faults = ThreadUsage.Now().MinorFaults - faultsBefore;
        HeapState after = HeapState.Now(library);
        _after.Read();
        if (block == 0)
            return new(0, errno, BlockSource.Refused, 0, 0, faults);
        long mapped = MallocLayout.IsMapped(block) ? _after.BytesNotIn(_before, (ulong)block) : 0;
        return new(block, errno, SourceOf(block, before, after), after.Break - before.Break, mapped, faults);
    }

    internal BlockDeath Free(nint block)
    {
        _before.Read();
        HeapState before = HeapState.Now(library);
        bool wasMapped = MallocLayout.IsMapped(block);
        MallocCalls.Free(block);
        HeapState after = HeapState.Now(library);
        _after.Read();
        long unmapped = wasMapped ? _before.BytesNotIn(_after, (ulong)block) : 0;
        FreedTo place = unmapped > 0 ? FreedTo.Unmapped : PlaceOf(before, after);
        return new(place, before.Break - after.Break, unmapped, after.TopBytes);
    }

    /// <summary>Writes one byte to each page; returns the minor faults of that.</summary>
    internal static long Touch(nint block, long length)
    {
        long before = ThreadUsage.Now().MinorFaults;
        for (long offset = 0; offset < length; offset += Environment.SystemPageSize)
            Volatile.Write(ref *((byte*)block + offset), 1);
        if (length > 0)
            Volatile.Write(ref *((byte*)block + length - 1), 1);
        return ThreadUsage.Now().MinorFaults - before;
    }

    public void Dispose()
    {
        _before.Dispose();
        _after.Dispose();
    }

    private static BlockSource SourceOf(nint block, HeapState before, HeapState after)
    {
        if (MallocLayout.IsMapped(block))
            return BlockSource.Mapping;
        if (after.Break != before.Break)
            return BlockSource.Break;
        // What comes from the top lies just before what is left of it.
        if (after.TopBytes != before.TopBytes && block - (2 * MallocLayout.Header) + MallocLayout.ChunkSize(block) == after.TopStart)
            return BlockSource.Top;
        if (after.FastBytes < before.FastBytes)
            return BlockSource.FastBin;
        // Blocks in the thread's cache count as in use.
        return after.InUseBytes == before.InUseBytes ? BlockSource.Tcache : BlockSource.Bin;
    }

    private static FreedTo PlaceOf(HeapState before, HeapState after)
    {
        if (after.Break < before.Break)
            return FreedTo.BreakMovedBack;
        if (after.TopBytes > before.TopBytes)
            return FreedTo.Top;
        if (after.FastBytes > before.FastBytes)
            return FreedTo.FastBin;
        return after.InUseBytes == before.InUseBytes ? FreedTo.Tcache : FreedTo.Bin;
    }
}
