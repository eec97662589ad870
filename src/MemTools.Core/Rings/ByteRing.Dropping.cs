using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using MemTools.Kernel;

namespace MemTools.Rings;

/// <content>
/// <para>
/// The flight recorder, which drops the oldest. The writer waits for nobody: where it needs room it moves
/// <see cref="RingHeader.OldestIndex"/> on, over whole records, and only then overwrites what lies before it. The
/// reader has an index of its own. It begins at the later of the two, copies, and looks at the oldest index again: where
/// that has passed the place it copied from, what it copied may be mixed, and is thrown away.
/// </para>
/// <para>
/// So the writer needs its store of the oldest index to be seen before any byte that it overwrites, and the reader its
/// loads of the bytes to be done before it looks again. x64 does both by itself; arm64 needs a barrier in each.
/// </para>
/// </content>
public sealed unsafe partial class ByteRing
{
    /// <summary>Moves the oldest index on until there is room for so many bytes.</summary>
    private void DropOldest(RingClaim claim, ulong at, ulong length)
    {
        ulong oldest = _header->OldestIndex;
        ulong needed = at + length - _capacity;
        if (!_keepsRecords)
        {
            MoveOldest(claim, needed, 0);
            return;
        }

        ulong records = LookAtOldest().Records;
        while ((long)(needed - oldest) > 0)
        {
            // The writer's own words, but in memory that others may write: each length is read once and checked.
            ulong step = Unsafe.ReadUnaligned<uint>(_data + (oldest & _mask)) + (ulong)PrefixLength;
            if (step > at - oldest)
                throw Leave(claim, writing: true, Corrupt($"a record at {oldest} of {step} bytes reaches beyond the writer at {at}"));
            oldest += step;
            records++;
        }

        MoveOldest(claim, oldest, records);
    }

    private void MoveOldest(RingClaim claim, ulong index, ulong records)
    {
        if (_keepsRecords)
        {
            // Into the place that does not count now; storing the index makes it count.
            bool firstCounts = _header->FirstOldest.Index == _header->OldestIndex;
            ref OldestRecord place = ref firstCounts ? ref _header->SecondOldest : ref _header->FirstOldest;
            // Release, in this order: whoever sees the new number sees no older index beside the other place.
            Volatile.Write(ref place.Records, records);
            Volatile.Write(ref place.Index, index);
        }

        // Release: who sees the index finds its number of records.
        Volatile.Write(ref _header->OldestIndex, index);
        claim.Other = index;
        StoresBeforeStores();
    }

    private (ulong Index, ulong Records) LookAtOldest() => RingFigures.LookAtOldest(_header);

    /// <summary>
    /// A process that was killed while it wrote more than the ring holds had dropped all, and published nothing: the writer
    /// goes on where the oldest byte would be.
    /// </summary>
    private void RepairDropping()
    {
        ulong oldest = _header->OldestIndex;
        if ((long)(oldest - _header->ProducerIndex) > 0)
            Volatile.Write(ref _header->ProducerIndex, oldest);
    }

    /// <summary>More than the ring holds: the last of it stays, the rest is dropped at once.</summary>
    private bool WriteLastOf(RingClaim claim, ReadOnlySpan<byte> data, ulong at)
    {
        RequireOpen(claim, _header);
        ulong end = at + (uint)data.Length;
        MoveOldest(claim, end - _capacity, 0);
        ReadOnlySpan<byte> last = data[^(int)_capacity..];
        last.CopyTo(new Span<byte>(_data + ((end - _capacity) & _mask), last.Length));
        Publish(_header, end);
        LeaveWriter(claim);
        return true;
    }

    private int TakeStanding(RingClaim claim, Span<byte> destination, bool advance)
    {
        int length = CopyStanding(claim, destination, out ulong at);
        if (advance)
            Release(_header, at + (ulong)length);
        LeaveReader(claim);
        return length;
    }

    /// <summary>Copies what there is from where the next read begins, as far as it was not overwritten meanwhile.</summary>
    private int CopyStanding(RingClaim claim, Span<byte> destination, out ulong at)
    {
        int most = destination.Length;
        while (true)
        {
            at = Begin(claim, out ulong available);
            int length = (int)Math.Min((uint)most, available);
            new ReadOnlySpan<byte>(_data + (at & _mask), length).CopyTo(destination);
            LoadsBeforeLoads();
            // Acquire: as in IsOvertaken.
            long gone = (long)(Volatile.Read(ref _header->OldestIndex) - at);
            if (gone <= 0)
                return length;
            if (gone < length)
            {
                // The end of the copy is sound. To begin anew would take as long, and the writer would not wait then either.
                destination[(int)gone..length].CopyTo(destination);
                CountDropped((ulong)gone, 0);
                at += (ulong)gone;
                Release(_header, at);
                return length - (int)gone;
            }

            // A writer that is so fast leaves only a shorter piece whole.
            most = Math.Max(1, most / 2);
        }
    }

    private bool TakeStandingRecord(RingClaim claim, Span<byte> destination, bool advance, out int length)
    {
        while (true)
        {
            ulong at = Begin(claim, out ulong available);
            length = 0;
            if (available == 0)
            {
                LeaveReader(claim);
                return false;
            }

            uint claimed = available < PrefixLength ? uint.MaxValue : Unsafe.ReadUnaligned<uint>(_data + (at & _mask));
            // What was overwritten claims anything: that is no damage.
            if (IsOvertaken(at))
                continue;
            RequireRecord(claim, at, claimed, available);
            length = (int)claimed;
            bool fits = length <= destination.Length;
            if (fits)
            {
                new ReadOnlySpan<byte>(_data + ((at + PrefixLength) & _mask), length).CopyTo(destination);
                if (IsOvertaken(at))
                    continue;
                if (advance)
                    ReleaseRecord(_header, at + PrefixLength + claimed);
            }

            LeaveReader(claim);
            return fits;
        }
    }

    /// <summary>Where the next read begins. What was overwritten since the last one is passed over, and counted.</summary>
    private ulong Begin(RingClaim claim, out ulong available)
    {
        ulong at = _header->ConsumerIndex;
        (ulong oldest, ulong recordsBefore) = LookAtOldest();
        if ((long)(oldest - at) > 0)
        {
            CountDropped(oldest - at, recordsBefore);
            at = oldest;
            Release(_header, at);
        }

        // Acquire: the bytes are loaded after the index that says they are there.
        long ahead = (long)(Volatile.Read(ref _header->ProducerIndex) - at);
        // Below zero: the writer is about to write more than the ring holds, and has dropped all that was there.
        available = (ulong)Math.Max(ahead, 0);
        // More than the capacity: the writer went on since the oldest index was looked at, and has overtaken.
        if (available > _capacity && !IsOvertaken(at))
            throw Leave(claim, writing: false, Jumped(writer: at + available, reader: at));
        available = Math.Min(available, _capacity);
        return at;
    }

    /// <summary>How much there is to read now.</summary>
    private ulong AvailableStanding(RingClaim claim)
    {
        Begin(claim, out ulong available);
        return available;
    }

    /// <summary>Whether bytes that were just loaded from an index on may have been overwritten meanwhile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsOvertaken(ulong at)
    {
        LoadsBeforeLoads();
        return (long)(Volatile.Read(ref _header->OldestIndex) - at) > 0;
    }

    /// <summary>Clear, where the oldest is dropped: the writer may go on meanwhile, so records are counted as they are passed.</summary>
    private void SkipTo(RingClaim claim, ulong end)
    {
        if (!_keepsRecords)
        {
            ulong from = Begin(claim, out _);
            if ((long)(end - from) > 0)
                Release(_header, end);
            return;
        }

        while ((long)(end - Begin(claim, out ulong available)) > 0 && available > 0)
        {
            ulong at = _header->ConsumerIndex;
            uint length = Unsafe.ReadUnaligned<uint>(_data + (at & _mask));
            if (IsOvertaken(at))
                continue;
            RequireRecord(claim, at, length, available);
            ReleaseRecord(_header, at + PrefixLength + length);
        }
    }

    private void CountDropped(ulong bytes, ulong recordsBefore)
    {
        // Release: before the index, which the caller stores, so that nobody sees the jump without its count.
        Volatile.Write(ref _header->DroppedBytes, _header->DroppedBytes + bytes);
        if (_keepsRecords)
            Volatile.Write(ref _header->DroppedRecords, recordsBefore - _header->RecordsRead);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoresBeforeStores()
    {
        if (!X86Base.IsSupported)
            Interlocked.MemoryBarrier();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LoadsBeforeLoads()
    {
        if (!X86Base.IsSupported)
            Interlocked.MemoryBarrier();
    }
}
