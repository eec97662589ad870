using MemTools;
using MemTools.Kernel;

/// <summary>
/// Called by .NET before the program's own entry where DOTNET_STARTUP_HOOKS names this assembly
/// (dotnet/runtime, docs/design/features/host-startup-hook.md), which wants it without a namespace.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1050:Declare types in namespaces", Justification = "Found by this name.")]
internal static class StartupHook
{
    /// <summary>Ends the process when its task is done; does nothing in a process that is not a worker.</summary>
    public static void Initialize()
    {
        if (WorkerTasks.TryRun())
            Environment.Exit(0);
    }
}
