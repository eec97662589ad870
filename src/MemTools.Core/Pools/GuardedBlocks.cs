using System.Runtime.InteropServices;
using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>
/// The blocks of a guarded pool. Before and behind each lies a canary, bytes that nobody may change; a free block is
/// filled with poison; and blocks are reused in the order of their return, as late as can be. What was changed is found
/// when a block is returned or rented again, and reported with the places of both.
/// </summary>
internal sealed unsafe class GuardedBlocks(FixedPool pool, FixedPoolLayout layout)
{
    private const byte Canary = 0xFD;
    private const byte Poison = 0xDD;

    private readonly object _gate = new();
    private readonly Dictionary<BlockTable, Record[]> _records = [];
    private Queue<(BlockTable Table, int Index)> _free = new();
    private long _rented;

    /// <summary>The most that were rented at the same time.</summary>
    internal long Peak { get; private set; }

    internal void Add(BlockTable table)
    {
        table.KeepGenerations();
        _records[table] = new Record[table.Count];
        for (int i = 0; i < table.Count; i++)
            _free.Enqueue((table, i));
    }

    internal PoolBlock Rent()
    {
        RentPlace place = RentPlace.Here();
        lock (_gate)
        {
            if (pool.IsDisposed)
                throw pool.Gone();
            if (_free.Count == 0)
                pool.Grow();
            (BlockTable table, int index) = _free.Dequeue();
            ref Record record = ref _records[table][index];
            if (DamageOfFree(table, index) is { } damage)
            {
                Poisoned(table, index);
                record.Used = true;
                _free.Enqueue((table, index));
                throw damage.ToException();
            }

            nint address = table.AddressOf(index);
            Before(address).Fill(Canary);
            Behind(address).Fill(Canary);
            if (pool.Zero)
                NativeMemory.Clear((void*)address, (nuint)table.BlockLength);
            record = new() { RentedAt = place, Number = ++pool.Rents, Used = true };
            Peak = Math.Max(Peak, ++_rented);
            return new(table, table.PlaceOf(address), ++table.Generation(index), index);
        }
    }

    /// <summary>Takes back a raw handle.</summary>
    internal void Return(nint address)
    {
        if (pool.Find(address) is not { } table || table.IndexOf(address) is not (>= 0 and var index))
            throw PoolErrors.Foreign(pool, (ulong)address, owner: null);
        Return(table, index, generation: null);
    }

    internal void Return(PoolBlock block) => Return(block.Table!, block.Detail, block.Generation);

    internal RentedBlock Describe(BlockTable table, int index)
    {
        Record record = _records[table][index];
        return new()
        {
            Pool = pool.Name,
            Address = (ulong)table.AddressOf(index),
            Length = table.BlockLength,
            RentedAt = record.RentedAt?.ToString(),
            RentNumber = record.Number,
        };
    }

    /// <summary>Looks at every block now.</summary>
    internal IReadOnlyList<BlockDamage> FindDamage()
    {
        lock (_gate)
        {
            return [.. _records.Keys.OrderBy(table => table.Start)
                .SelectMany(table => Enumerable.Range(0, table.Count).Select(index => DamageOf(table, index)))
                .OfType<BlockDamage>()];
        }
    }

    internal void CountFree(Dictionary<BlockTable, long> free)
    {
        foreach ((BlockTable table, _) in _free)
            free[table] = free.GetValueOrDefault(table) + 1;
    }

    internal void Forget(HashSet<BlockTable> gone)
    {
        _free = new(_free.Where(one => !gone.Contains(one.Table)));
        foreach (BlockTable table in gone)
            _records.Remove(table);
    }

    /// <summary>Does something while nobody rents or returns.</summary>
    internal long Stopped(Func<long> work)
    {
        lock (_gate)
            return work();
    }

    private void Return(BlockTable table, int index, long? generation)
    {
        RentPlace place = RentPlace.Here();
        lock (_gate)
        {
            nint address = table.AddressOf(index);
            ref long now = ref table.Generation(index);
            if (pool.IsDisposed || (now & 1) == 0 || (generation ?? now) != now)
            {
                string? earlier = !pool.IsDisposed && _records.TryGetValue(table, out Record[]? known) ? known[index].ReturnedAt?.ToString() : null;
                throw PoolErrors.Returned(pool, (ulong)address, earlier);
            }

            BlockDamage? damage = DamageOfRented(table, index);
            now++;
            _records[table][index].ReturnedAt = place;
            Poisoned(table, index);
            _free.Enqueue((table, index));
            _rented--;
            pool.Returns++;
            if (damage is not null)
                throw damage.ToException();
        }
    }

    private BlockDamage? DamageOf(BlockTable table, int index) =>
        table.IsRented(index) ? DamageOfRented(table, index) : DamageOfFree(table, index);

    private BlockDamage? DamageOfRented(BlockTable table, int index)
    {
        nint address = table.AddressOf(index);
        int before = Before(address).LastIndexOfAnyExcept(Canary);
        if (before >= 0)
            return Damage(table, index, before - layout.CanaryLength, "WrittenBefore");
        int behind = Behind(address).IndexOfAnyExcept(Canary);
        return behind >= 0 ? Damage(table, index, table.BlockLength + behind, "WrittenPastEnd") : null;
    }

    /// <summary>A block that was never rented is as the kernel gave it.</summary>
    private BlockDamage? DamageOfFree(BlockTable table, int index)
    {
        byte expected = _records[table][index].Used ? Poison : (byte)0;
        byte* first = (byte*)table.AddressOf(index);
        for (long offset = 0; offset < table.BlockLength; offset += int.MaxValue)
        {
            int found = new Span<byte>(first + offset, (int)Math.Min(int.MaxValue, table.BlockLength - offset)).IndexOfAnyExcept(expected);
            if (found >= 0)
                return Damage(table, index, offset + found, "WrittenAfterReturn");
        }

        return null;
    }

    private BlockDamage Damage(BlockTable table, int index, long offset, string what)
    {
        Record record = _records[table][index];
        return new()
        {
            Pool = pool.Name,
            Address = (ulong)table.AddressOf(index),
            Length = table.BlockLength,
            Offset = offset,
            Damage = what,
            RentedAt = record.RentedAt?.ToString(),
            ReturnedAt = record.ReturnedAt?.ToString(),
        };
    }

    private static void Poisoned(BlockTable table, int index) =>
        NativeMemory.Fill((void*)table.AddressOf(index), (nuint)table.BlockLength, Poison);

    private Span<byte> Before(nint block) => new((byte*)block - layout.CanaryLength, (int)layout.CanaryLength);

    private Span<byte> Behind(nint block)
    {
        long end = layout.Stride - layout.CanaryLength;
        return new((byte*)block + layout.BlockSize, (int)(end - layout.BlockSize));
    }

    /// <summary>What is known of a block besides its bytes.</summary>
    private record struct Record
    {
        internal RentPlace? RentedAt;
        internal RentPlace? ReturnedAt;
        internal long Number;
        internal bool Used;
    }
}
