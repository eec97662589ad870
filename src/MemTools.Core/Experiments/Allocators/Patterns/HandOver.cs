using System.Runtime.InteropServices;

namespace MemTools.Experiments;

/// <summary>A ring through which one thread hands blocks to another. Who has to wait lets others run.</summary>
internal sealed class HandOver<TBlock>
    where TBlock : struct
{
    internal const int Capacity = 1024;

    private readonly TBlock[] _blocks = new TBlock[Capacity];
    private HandOverPlaces _places;
    private volatile bool _abandoned;

    /// <summary>Calls of sched_yield(2) while waiting; not the allocator's.</summary>
    internal long ProducerYields { get; private set; }

    /// <inheritdoc cref="ProducerYields"/>
    internal long ConsumerYields { get; private set; }

    /// <summary>Called by a thread that failed, so that the other one does not wait for ever.</summary>
    internal void Abandon() => _abandoned = true;

    internal void Put(TBlock block)
    {
        long written = _places.Written;
        while (written - Volatile.Read(ref _places.Read) == Capacity)
            ProducerYields += Wait();
        _blocks[written % Capacity] = block;
        Volatile.Write(ref _places.Written, written + 1);
    }

    internal TBlock Take()
    {
        long read = _places.Read;
        while (Volatile.Read(ref _places.Written) == read)
            ConsumerYields += Wait();
        TBlock block = _blocks[read % Capacity];
        _blocks[read % Capacity] = default;
        Volatile.Write(ref _places.Read, read + 1);
        return block;
    }

    private int Wait()
    {
        if (_abandoned)
            throw new OperationCanceledException("The other thread failed.");
        Thread.Yield();
        return 1;
    }
}

/// <summary>Each thread writes its own place only; far apart, lest they share a line of the cache.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct HandOverPlaces
{
    [FieldOffset(64)]
    internal long Written;

    [FieldOffset(192)]
    internal long Read;
}
