using System.Runtime.InteropServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>
/// Experiments with malloc in a worker, on its main thread, whose arena is the one on the program break. What is
/// allocated is compared before and after by the break, the list of mappings, glibc's counters and the block's header.
/// </summary>
internal sealed class AllocationLaboratory : IDisposable
{
    /// <summary>Larger blocks are not touched: the machine may not have the memory.</summary>
    internal const long LargestTouched = 64 * 1024 * 1024;

    /// <summary>All blocks that pin the top together.</summary>
    internal const long LargestPinnedHeap = 256 * 1024 * 1024;

    internal const long LargestRaisingBlock = 1024 * 1024 * 1024;

    /// <summary>A small block that, freed, goes back into the heap and not into the thread's cache.</summary>
    private const long LateBlock = 2000;

    private readonly GlibcMalloc _library;
    private readonly MallocThresholds _thresholds = new();
    private readonly BlockWatch _watch;
    private readonly HeapFiller _filler;
    private string _heap = string.Empty;

    private AllocationLaboratory(GlibcMalloc library)
    {
        _library = library;
        _watch = new(library);
        _filler = new(library);
    }

    /// <summary>Does the experiment, in a heap that is brought to where the next block needs more of the break.</summary>
    /// <exception cref="MemToolsException">This is not the main thread of a process with glibc.</exception>
    internal static AllocationAnswer Run(AllocationRequest request)
    {
        using AllocationLaboratory laboratory = new(MallocLibrary.RequireInfo());
        BlockWatch.WarmUp();
        if (HeapState.Now(laboratory._library).SystemBytes == 0)
        {
            laboratory._heap = "Untouched";
            laboratory.SetOptions(request);
        }
        else
        {
            laboratory._heap = "Drained";
            laboratory.DrainHeap(request);
        }

        return laboratory.Perform(request);
    }

    private AllocationAnswer Perform(AllocationRequest request) => request.Experiment switch
    {
        AllocationExperiment.FindThreshold => new() { Search = FindThreshold() },
        AllocationExperiment.Dynamic => new() { Rises = RaiseThreshold(request.Sizes) },
        AllocationExperiment.PinTop => new() { Steps = PinTop((long)request.Sizes[0], request.Count) },
        _ => new() { Traces = TraceAll(request) },
    };

    private AllocationTrace[] TraceAll(AllocationRequest request)
    {
        AllocationTrace[] traces = new AllocationTrace[request.Sizes.Length];
        for (int i = 0; i < traces.Length; i++)
            traces[i] = Trace(request.Sizes[i], request.KeepTop);
        return traces;
    }

    /// <summary>
    /// Compiling what runs takes memory from this very heap and gives some back, so everything runs once before the heap
    /// is drained for the last time.
    /// </summary>
    private void DrainHeap(AllocationRequest request)
    {
        _filler.Drain();
        MeasureThreshold();
        _filler.Drain();
        // The runtime may have freed a mapping long ago.
        _thresholds.Measured(MeasureThreshold());
        SetOptions(request);
        _watch.Rehearse();
        FreeReason.Rehearse(_thresholds);
        // Twice: the second time from a drained heap, as the experiment itself.
        for (int i = 0; i < 2; i++)
        {
            Perform(Rehearsal(request));
            _filler.Drain();
            _filler.UseUpTop();
        }
    }

    /// <summary>The same experiment with small blocks: freeing a mapping would raise the threshold.</summary>
    private static AllocationRequest Rehearsal(AllocationRequest request) => request with
    {
        Sizes = request.Experiment == AllocationExperiment.Trace ? [100, 3000, ulong.MaxValue] : [100],
        Count = 2,
    };

    /// <summary>Allocates, touches and frees one block.</summary>
    private AllocationTrace Trace(ulong size, bool keepTop)
    {
        if (!keepTop)
            _filler.UseUpTop();
        long thresholdThen = _thresholds.Mmap;
        BlockBirth birth = _watch.Allocate(size);
        if (birth.Address == 0)
            return Refused(size, birth);
        long usable = (long)MallocCalls.UsableSize(birth.Address);
        long chunk = MallocLayout.ChunkSize(birth.Address);
        long? faults = usable <= LargestTouched ? BlockWatch.Touch(birth.Address, usable) : null;
        long trimThen = _thresholds.Trim;
        BlockDeath death = _watch.Free(birth.Address);
        if (death.FreedTo == FreedTo.Unmapped)
            _thresholds.Freed(chunk);
        return new()
        {
            Size = size,
            Source = birth.Source.ToString(),
            Address = (ulong)birth.Address,
            UsableSize = usable,
            ChunkSize = chunk,
            BreakMovedBytes = birth.BreakMoved,
            MappedBytes = birth.Mapped,
            AllocationCall = birth.Mapped > 0 ? "mmap" : birth.BreakMoved != 0 ? "brk" : null,
            AllocationFaults = birth.Faults,
            FirstTouchFaults = faults,
            FreedTo = death.FreedTo.ToString(),
            Reason = FreeReason.Of(death, chunk, trimThen, thresholdThen, _thresholds),
            BreakReturnedBytes = death.BreakReturned,
            UnmappedBytes = death.Unmapped,
            FreeCall = death.Unmapped > 0 ? "munmap" : death.BreakReturned != 0 ? "brk" : null,
            TopBytes = death.TopBytes,
            MmapThreshold = thresholdThen,
            TrimThreshold = trimThen,
            TopPad = _thresholds.TopPad,
            DynamicThreshold = _thresholds.Dynamic,
            Heap = _heap,
        };
    }

    /// <summary>Bisects between a block that is surely of the heap and one that is surely a mapping.</summary>
    private ThresholdSearch FindThreshold()
    {
        ThresholdBisection search = new(_filler);
        search.Run();
        return new()
        {
            MmapThreshold = search.Threshold,
            SmallestMappedSize = search.SmallestMapped,
            LargestHeapSize = search.SmallestMapped > 0 ? search.SmallestMapped - 1 : null,
            Probes = [.. search.Probes],
            Heap = _heap,
        };
    }

    /// <summary>Frees a block of each size and measures the threshold before and after.</summary>
    private ThresholdRise[] RaiseThreshold(ulong[] sizes)
    {
        long before = MeasureThreshold();
        List<ThresholdRise> rises = [];
        foreach (ulong size in sizes)
        {
            _filler.UseUpTop();
            BlockBirth first = _watch.Allocate(size);
            BlockDeath death = first.Address == 0 ? throw OutOfMemory(size) : _watch.Free(first.Address);
            long after = MeasureThreshold();
            _filler.UseUpTop();
            BlockBirth second = _watch.Allocate(size);
            rises.Add(new()
            {
                Size = (long)size,
                ThresholdBefore = before,
                FirstSource = first.Source.ToString(),
                FreedTo = death.FreedTo.ToString(),
                ThresholdAfter = after,
                SecondSource = second.Source.ToString(),
                Heap = _heap,
            });
            before = after;
        }

        return [.. rises];
    }

    /// <summary>Fills the heap, puts one late block on top, and frees all below it, then that one.</summary>
    private PinnedTopStep[] PinTop(long size, int count)
    {
        if (MallocLayout.ChunkOf(size) >= _thresholds.Mmap)
            throw new MemToolsException(ErrorKind.Misuse, $"Blocks of {size} bytes are mappings of their own here, which nothing pins; take less than {_thresholds.Mmap - MallocLayout.Header} bytes.");
        StepRecorder steps = new(_library, _heap);
        nint[] blocks = new nint[count];
        nint late = 0;
        steps.Do($"allocate {count} blocks of {size} bytes and touch them", () => AllocateAll(blocks, size));
        steps.Do($"allocate one late block of {LateBlock} bytes", () => late = Allocated((ulong)LateBlock));
        steps.Do($"free the {count} blocks", () => Array.ForEach(blocks, MallocCalls.Free));
        steps.Do("malloc_trim(0)", () => _library.Trim(0));
        steps.Do("free the late block", () => MallocCalls.Free(late));
        return steps.All;
    }

    public void Dispose() => _watch.Dispose();

    private long MeasureThreshold()
    {
        ThresholdBisection search = new(_filler);
        search.Run();
        return search.Threshold;
    }

    private void SetOptions(AllocationRequest request)
    {
        Set(GlibcMalloc.MmapThreshold, request.MmapThreshold, "M_MMAP_THRESHOLD");
        Set(GlibcMalloc.TrimThreshold, request.TrimThreshold, "M_TRIM_THRESHOLD");
        Set(GlibcMalloc.TopPad, request.TopPad, "M_TOP_PAD");
        _thresholds.Set(request.MmapThreshold, request.TrimThreshold, request.TopPad);
    }

    private void Set(int parameter, int? value, string name)
    {
        if (value is { } number && _library.SetOption(parameter, number) == 0)
            throw new MemToolsException(ErrorKind.InvalidArgument, $"mallopt refused {name} = {number}.");
    }

    private AllocationTrace Refused(ulong size, BlockBirth birth) => new()
    {
        Size = size,
        Source = "Refused",
        ErrorName = birth.Errno.ToString(),
        Reason = Marshal.GetPInvokeErrorMessage((int)birth.Errno),
        TopBytes = HeapState.Now(_library).TopBytes,
        MmapThreshold = _thresholds.Mmap,
        TrimThreshold = _thresholds.Trim,
        TopPad = _thresholds.TopPad,
        DynamicThreshold = _thresholds.Dynamic,
        Heap = _heap,
    };

    private static void AllocateAll(nint[] blocks, long size)
    {
        for (int i = 0; i < blocks.Length; i++)
        {
            blocks[i] = Allocated((ulong)size);
            BlockWatch.Touch(blocks[i], size);
        }
    }

    private static nint Allocated(ulong size) =>
        MallocCalls.Allocate((nuint)size) is var block and not 0 ? block : throw OutOfMemory(size);

    private static MemToolsException OutOfMemory(ulong size) =>
        new(ErrorKind.OutOfMemory, $"malloc gave the worker no {size} bytes; the experiment needs them.");
}
