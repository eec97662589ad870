using System.Runtime.InteropServices;
using MemTools.Kernel;

namespace MemTools.Memory;

/// <summary>Runs experiments with malloc, each in a worker of its own.</summary>
public sealed class AllocationTracer
{
    /// <summary>The sizes, in bytes, of the blocks whose freeing is to raise the threshold, unless others are asked for.</summary>
    private static readonly ulong[] RaisingSizes = [200_000, 1_000_000, 8_000_000, 32_000_000, 40_000_000];

    private const ulong PinningSize = 64_000;

    /// <summary>
    /// Allocators that take their memory by mmap: with one of them preloaded, nobody but the experiment calls glibc's
    /// malloc. tcmalloc will not do: it moves the break itself.
    /// </summary>
    private static readonly string[] Preloadable = ["libjemalloc.so.2", "libmimalloc.so.2", "libmimalloc.so.3"];

    /// <summary>Variables that would change what the experiment watches.</summary>
    private static readonly string[] MallocVariables =
    [
        "GLIBC_TUNABLES", "MALLOC_ARENA_MAX", "MALLOC_ARENA_TEST", "MALLOC_CHECK_", "MALLOC_MMAP_MAX_", "MALLOC_MMAP_THRESHOLD_",
        "MALLOC_PERTURB_", "MALLOC_TCACHE_COUNT", "MALLOC_TOP_PAD_", "MALLOC_TRIM_THRESHOLD_",
    ];

    /// <summary>M_MMAP_THRESHOLD of the worker in bytes, 0 to 33,554,432; null leaves 128 KiB and its adjustment.</summary>
    public int? MmapThreshold { get; init; }

    /// <summary>M_TRIM_THRESHOLD of the worker in bytes, -1 (never) to 2,147,483,647; null leaves 128 KiB and its adjustment.</summary>
    public int? TrimThreshold { get; init; }

    /// <summary>M_TOP_PAD of the worker in bytes, 0 to 2,147,483,647; null leaves 128 KiB.</summary>
    public int? TopPad { get; init; }

    /// <summary>
    /// Leaves the top of the heap as the block before left it. Else it is used up before each block, since malloc takes from
    /// it whatever fits, also what would be a mapping.
    /// </summary>
    public bool KeepTop { get; init; }

    /// <summary>Drains the heap also where another allocator could be preloaded.</summary>
    internal bool AlwaysDrain { get; init; }

    /// <summary>Allocates, touches and frees one block of each size, one after the other.</summary>
    /// <param name="sizes">Bytes, any number.</param>
    /// <param name="cancellation">Kills the worker.</param>
    /// <exception cref="MemToolsException">NotSupported: not glibc 2.33 or newer; WorkerFailed: the worker died.</exception>
    /// <exception cref="OperationCanceledException">The work was stopped.</exception>
    public AllocationTrace[] Trace(ulong[] sizes, CancellationToken cancellation) =>
        Run(new(AllocationExperiment.Trace, sizes) { KeepTop = KeepTop }, cancellation).Traces;

    /// <summary>Finds the size from which on malloc makes mappings.</summary>
    /// <param name="cancellation">Kills the worker.</param>
    /// <exception cref="MemToolsException">As in <see cref="Trace"/>.</exception>
    public ThresholdSearch FindThreshold(CancellationToken cancellation) =>
        Run(new(AllocationExperiment.FindThreshold, []), cancellation).Search!;

    /// <summary>Frees mapped blocks and measures the threshold after each.</summary>
    /// <param name="sizes">Bytes of each block; none takes sizes up to beyond the highest threshold.</param>
    /// <param name="cancellation">Kills the worker.</param>
    /// <exception cref="MemToolsException">As in <see cref="Trace"/>; Misuse: a block larger than 1 GiB.</exception>
    public ThresholdRise[] RaiseThreshold(ulong[] sizes, CancellationToken cancellation)
    {
        if (sizes.FirstOrDefault(size => size > AllocationLaboratory.LargestRaisingBlock) is var tooLarge and > 0)
            throw new MemToolsException(ErrorKind.Misuse, $"{tooLarge} bytes are too many here: no threshold is above 32 MiB, so blocks up to 1 GiB show all.");
        return Run(new(AllocationExperiment.Dynamic, sizes.Length > 0 ? sizes : RaisingSizes), cancellation).Rises;
    }

    /// <summary>Shows that one late block keeps all of the heap below it.</summary>
    /// <param name="size">Bytes of each block below; null takes 64,000.</param>
    /// <param name="count">How many there are, 1 or more.</param>
    /// <param name="cancellation">Kills the worker.</param>
    /// <exception cref="MemToolsException">As in <see cref="Trace"/>; Misuse: more than 256 MiB, or blocks that would be mappings.</exception>
    public PinnedTopStep[] PinTop(ulong? size, int count, CancellationToken cancellation)
    {
        ulong each = size ?? PinningSize;
        if (each > AllocationLaboratory.LargestTouched || each * (ulong)count > AllocationLaboratory.LargestPinnedHeap)
            throw new MemToolsException(ErrorKind.Misuse, $"{count} blocks of {each} bytes are more than 256 MiB; take fewer or smaller ones.");
        return Run(new(AllocationExperiment.PinTop, [each]) { Count = count }, cancellation).Steps;
    }

    private AllocationAnswer Run(AllocationRequest request, CancellationToken cancellation)
    {
        MallocLibrary.RequireInfo();
        request = request with { MmapThreshold = MmapThreshold, TrimThreshold = TrimThreshold, TopPad = TopPad };
        return Worker.Run(AllocationWork.Task, request, WorkerEnvironment(), cancellation);
    }

    private Dictionary<string, string?> WorkerEnvironment()
    {
        Dictionary<string, string?> environment = MallocVariables.ToDictionary(name => name, _ => (string?)null);
        // No threads that compile or collect at their own time.
        environment["DOTNET_TieredCompilation"] = "0";
        environment["DOTNET_gcConcurrent"] = "0";
        environment["LD_PRELOAD"] = AlwaysDrain ? null : OtherAllocator();
        // Where the heap is the runtime's too, each of its threads gets an arena, and the main one is left to the experiment.
        if (environment["LD_PRELOAD"] is null)
            environment["GLIBC_TUNABLES"] = "glibc.malloc.arena_max=256";
        return environment;
    }

    private static string? OtherAllocator()
    {
        string triplet = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
        string[] folders = [$"/usr/lib/{triplet}", "/usr/lib64", "/usr/lib", "/usr/local/lib"];
        return Preloadable.SelectMany(name => folders.Select(folder => $"{folder}/{name}")).FirstOrDefault(File.Exists);
    }
}
