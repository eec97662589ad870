using MemTools.Kernel;
using MemTools.Memory;

namespace MemTools;

/// <summary>The tasks that a worker can do, of all areas, and its entry in programs that have no start-up hook.</summary>
internal static class WorkerTasks
{
    /// <summary>Found by name in the worker; each area adds its own.</summary>
    private static IWorkerTask[] All => [AllocationWork.Task, Experiments.SpeedTask.Task, Experiments.FootprintTask.Task];

    /// <summary>Does the task that the environment names.</summary>
    /// <returns>False where this process is not a worker.</returns>
    internal static bool TryRun() => WorkerHost.TryRun(() => All);
}
