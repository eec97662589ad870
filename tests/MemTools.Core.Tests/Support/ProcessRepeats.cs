namespace MemTools.Tests.Support;

/// <summary>How often what depends on chance is tried: here as often as time allows, with MEMTOOLS_SOAK=1 in full.</summary>
internal static class ProcessRepeats
{
    private static readonly bool Soak = Environment.GetEnvironmentVariable("MEMTOOLS_SOAK") == "1";

    /// <summary>Copies killed at a random moment.</summary>
    internal static int Kills => Soak ? 1000 : 25;

    /// <summary>Jobs killed at a random moment, half of them in the middle of a file.</summary>
    internal static int KilledJobs => Soak ? 200 : 20;

    /// <summary>Copies of trees killed at a random moment.</summary>
    internal static int KilledTrees => Soak ? 200 : 4;

    /// <summary>Jobs that run out of room at a random moment.</summary>
    internal static int FullDestinations => Soak ? 50 : 3;

    /// <summary>Entries of the tree over which memory must not grow.</summary>
    internal static int TreeEntries => Soak ? 200_000 : 20_000;

    /// <summary>Passes over a directory that becomes a link and back all the time.</summary>
    internal static int SwappedDirectories => Soak ? 2000 : 40;

    /// <summary>How long a job with a limit on its bandwidth takes.</summary>
    internal static int LimitedSeconds => Soak ? 12 : 2;

    /// <summary>The least share of the limit that it reaches; on a busy machine nothing can be asked for.</summary>
    internal static double SlowestShareOfLimit => Soak ? 0.95 : 0;

    /// <summary>Sources truncated at a random moment, for each method.</summary>
    internal static int Truncations => Soak ? 100 : 4;

    /// <summary>Copies of a source that is cut and grows all the time, for each method.</summary>
    internal static int CutSources => Soak ? 1000 : 15;

    /// <summary>Files of random holes and data, for each method.</summary>
    internal static int RandomLayouts => Soak ? 2000 : 12;

    /// <summary>Random operations on rings, compared with a model.</summary>
    internal static int RingOperations => Soak ? 100_000_000 : 10_000_000;

    /// <summary>Bytes that go through a ring between two threads or processes.</summary>
    internal static long RingBytes => Soak ? 100_000_000_000 : 1_000_000_000;

    /// <summary>Blocks that eight threads rent, hand on and return.</summary>
    internal static long PoolOperations => Soak ? 100_000_000 : 2_000_000;

    /// <summary>The same of a pool for all sizes.</summary>
    internal static long SizeClassOperations => Soak ? 100_000_000 : 500_000;

    /// <summary>Buffers that are disposed while other threads use them.</summary>
    internal static int BufferRaces => Soak ? 5000 : 100;

    /// <summary>Items through a ring or queue of items, from one thread to another.</summary>
    internal static int RingItems => Soak ? 400_000_000 : 100_000_000;

    /// <summary>The same where each item costs an atomic operation or a lock, or where several threads share the two processors.</summary>
    internal static int ContendedItems => Soak ? 100_000_000 : 2_000_000;

    /// <summary>Whether each call is made to fail for every method, or for the ones that differ.</summary>
    internal static bool EveryMethodInFull => Soak;

    /// <summary>Processes killed at a random moment while they write to a shared ring, and as many that read: C programs.</summary>
    internal static int KilledRingPeers => Soak ? 500 : 20;

    /// <summary>The same of .NET programs, which take longer to start.</summary>
    internal static int KilledManagedRingPeers => Soak ? 100 : 5;

    /// <summary>Processes that make a ring of one name at one moment, again and again.</summary>
    internal static int RingNameRaces => Soak ? 50 : 1;
}
