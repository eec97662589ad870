using System.Runtime.InteropServices;

namespace MemTools.Rings;

/// <summary>A lock for a few instructions, on a line of its own. Nothing that throws may run under it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 2 * CacheLine.Size)]
internal struct PaddedLock
{
    /// <summary>Looks at the lock so often before the processor is left to others: the holder may be waiting for it.</summary>
    private const int SpinsBeforeYield = 20;

    [FieldOffset(CacheLine.Size)]
    private int _taken;

    internal void Enter()
    {
        // A full barrier: what the last holder did is seen.
        while (Interlocked.Exchange(ref _taken, 1) != 0)
            WaitUntilFree();
    }

    /// <summary>Release: whoever takes the lock next sees all that was done under it.</summary>
    internal void Exit() => Volatile.Write(ref _taken, 0);

    private void WaitUntilFree()
    {
        // Reads only: writing would take the line away from the holder time and again.
        for (int spins = 0; Volatile.Read(ref _taken) != 0; spins++)
        {
            if (spins < SpinsBeforeYield)
                Thread.SpinWait(1);
            else
                Thread.Yield();
        }
    }
}
