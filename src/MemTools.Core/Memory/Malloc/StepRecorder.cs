using MemTools.Native;

namespace MemTools.Memory;

/// <summary>Does one thing after another and notes what each did to the heap.</summary>
internal sealed class StepRecorder(GlibcMalloc library, string heap)
{
    private readonly long _start = HeapState.Now(library).Break;
    private readonly List<PinnedTopStep> _steps = [];

    internal PinnedTopStep[] All => [.. _steps];

    internal void Do(string step, Action action)
    {
        long before = HeapState.Now(library).Break;
        action();
        HeapState after = HeapState.Now(library);
        _steps.Add(new()
        {
            Step = step,
            BreakMovedBytes = after.Break - before,
            HeapBytes = after.Break - _start,
            FreeBytes = after.FreeBytes,
            TopBytes = after.TopBytes,
            ResidentBytes = ResidentMemory.Now(),
            Heap = heap,
        });
    }
}
