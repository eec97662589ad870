using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Rings;

/// <summary>
/// A full memory barrier on every processor that runs a process that holds a shared ring: membarrier(2) with
/// MEMBARRIER_CMD_GLOBAL_EXPEDITED, for which each process registers itself. Not before Linux 4.16, nor where a container
/// refuses it.
/// </summary>
internal static class SharedBarrier
{
    /// <summary>Whether this process is registered, and can ask for barriers.</summary>
    internal static readonly bool IsThere = Call(BarrierCalls.RegisterGlobalExpedited) && Call(BarrierCalls.GlobalExpedited);

    internal static void Run() => Call(BarrierCalls.GlobalExpedited);

    private static bool Call(int command) =>
        KernelResult.Of(BarrierCalls.Barrier(SystemCallNumbers.Current.Barrier, command, 0, 0)) == 0;
}
