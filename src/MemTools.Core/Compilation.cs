using System.Runtime.CompilerServices;

namespace MemTools;

/// <summary>How methods that run for each of thousands of files are compiled.</summary>
internal static class Compilation
{
#if COMPILED_AHEAD
    /// <summary>Nothing special: the whole program has been compiled ahead, which the attribute would prevent.</summary>
    internal const MethodImplOptions AtOnce = default;
#else
    /// <summary>
    /// With all optimisations at once. A shell copies a tree once, and spends half of the time in code that counts how
    /// often it runs, as the runtime has it before it optimises. A single copy pays for it too, so such a method is not
    /// compiled a second time into those that call it, and what hardly ever runs (errors, files that are there already)
    /// stands in methods of its own, without the attribute.
    /// </summary>
    internal const MethodImplOptions AtOnce = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;
#endif
}
