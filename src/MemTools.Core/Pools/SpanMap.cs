using System.Runtime.CompilerServices;
using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>
/// From an address to its span: for each page of 8 KiB the span's number and its class. Two levels, so that addresses
/// far from each other cost little; read without a lock, written under the pool's.
/// </summary>
internal sealed unsafe class SpanMap
{
    internal const int PageShift = 13;
    internal const int PageSize = 1 << PageShift;

    /// <summary>The class of a span that is one block.</summary>
    internal const int Whole = 0xFF;

    private const int LeafShift = 32;
    private const int AddressBits = 48;
    private const int LeafLength = 1 << (LeafShift - PageShift);
    private const int ClassBits = 8;

    private readonly Mapping _rootMemory = AnonymousMapping.Map((1L << (AddressBits - LeafShift)) * sizeof(uint*));
    private readonly List<Mapping> _leaves = [];
    private readonly uint** _root;

    internal SpanMap() => _root = (uint**)_rootMemory.Address;

    /// <summary>The upper level, which stays where it is as long as the map lives.</summary>
    internal uint** Root => _root;

    /// <summary>The number of the last span that there can be.</summary>
    internal static int LastNumber => (1 << (32 - ClassBits)) - 1;

    /// <summary>The entry of an address: 0 where it is of no span in use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal uint Entry(nint address) => Entry(_root, address);

    /// <summary>The same for who keeps <see cref="Root"/> in a register.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint Entry(uint** root, nint address)
    {
        ulong place = (ulong)address;
        if (place >> AddressBits != 0)
            return 0;
        uint* leaf = root[place >> LeafShift];
        return leaf == null ? 0 : leaf[(uint)place >> PageShift];
    }

    /// <summary>Of an entry: the class plus 1, <see cref="Whole"/>, or 0 for a span that is free.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int ClassOf(uint entry) => (int)(entry & ((1 << ClassBits) - 1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int NumberOf(uint entry) => (int)(entry >> ClassBits);

    /// <summary>Enters a span that is in use: all its pages, since blocks begin on any of them.</summary>
    internal void SetUsed(Span span)
    {
        uint entry = ((uint)span.Number << ClassBits) | (uint)(span.Class < 0 ? Whole : span.Class + 1);
        for (int page = 0; page < span.Pages; page++)
            Set(span.Start + ((nint)page << PageShift), entry);
    }

    /// <summary>Enters a free span by its ends, at which its neighbours look.</summary>
    internal void SetFree(Span span) => SetEnds(span, (uint)span.Number << ClassBits);

    /// <summary>Takes a free span out.</summary>
    internal void ClearFree(Span span) => SetEnds(span, 0);

    /// <summary>Takes a span out that was in use.</summary>
    internal void ClearUsed(Span span)
    {
        for (int page = 0; page < span.Pages; page++)
            Set(span.Start + ((nint)page << PageShift), 0);
    }

    /// <summary>Makes sure that entries can be written without running out of memory.</summary>
    internal void Cover(nint start, long bytes)
    {
        for (ulong leaf = (ulong)start >> LeafShift; leaf <= (ulong)(start + bytes - 1) >> LeafShift; leaf++)
        {
            if (_root[leaf] != null)
                continue;
            Mapping memory = AnonymousMapping.Map((long)LeafLength * sizeof(uint));
            _leaves.Add(memory);
            Volatile.Write(ref Unsafe.AsRef<nint>(&_root[leaf]), memory.Address);
        }
    }

    private void SetEnds(Span span, uint entry)
    {
        Set(span.Start, entry);
        Set(span.Start + ((nint)(span.Pages - 1) << PageShift), entry);
    }

    private void Set(nint address, uint entry) =>
        Volatile.Write(ref _root[(ulong)address >> LeafShift][(uint)address >> PageShift], entry);
}
