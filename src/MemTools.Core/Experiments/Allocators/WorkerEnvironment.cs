namespace MemTools.Experiments;

/// <summary>What a worker's environment has to be for the memory to come from where it should.</summary>
internal static class WorkerEnvironment
{
    private const string Preload = "LD_PRELOAD";
    private const string TieredCompilation = "DOTNET_TieredCompilation";

    /// <summary>Variables besides the shell's own; null removes one.</summary>
    /// <param name="order">The work.</param>
    /// <param name="timed">Whether the worker measures time.</param>
    internal static Dictionary<string, string?> Of(WorkOrder order, bool timed)
    {
        Dictionary<string, string?> environment = new()
        {
            // The shell may itself run with another malloc.
            [Preload] = order.Library,
            // A collector on a thread of its own takes processor time and memory that are not the loop's.
            ["DOTNET_gcConcurrent"] = "0",
        };
        if (timed)
        {
            // The runtime's own methods reach their final code within the first round, without a wait.
            environment["DOTNET_TC_CallCountingDelayMs"] = "0";
            environment["DOTNET_TieredPGO"] = "0";
            // The pools are this module's, not the runtime's, and have no code before it is compiled: their final one at once.
            if (order.Allocator is AllocatorKind.FixedPool or AllocatorKind.SizeClassPool)
                environment[TieredCompilation] = "0";
        }
        else
        {
            // Nothing is compiled twice, so that the compiler's memory does not come and go between the steps.
            environment[TieredCompilation] = "0";
        }

        if (order.Allocator == AllocatorKind.Brk)
        {
            // glibc takes so much at once, and gives so little back, that the runtime's own malloc leaves the break alone.
            environment["GLIBC_TUNABLES"] = "glibc.malloc.top_pad=1073741824:glibc.malloc.trim_threshold=4294967296";
        }

        return environment;
    }
}
