namespace MemTools.Transfer.Trees;

/// <summary>
/// How many directories of a tree stay open when nobody works in them: a deep tree has more levels than a process may
/// have files open. Directories beyond the budget are closed and opened again when they are needed.
/// </summary>
internal sealed class DescriptorBudget
{
    private const int Fewest = 16;
    private const int Most = 1024;

    private readonly int _limit;
    private int _open;

    /// <param name="limit">Descriptors that may stay open; by default a quarter of RLIMIT_NOFILE.</param>
    internal DescriptorBudget(int? limit = null) => _limit = limit ?? Math.Clamp(OpenFilesLimit() / 4, Fewest, Most);

    internal bool IsExceeded => Volatile.Read(ref _open) > _limit;

    internal void Opened() => Interlocked.Increment(ref _open);

    internal void Closed() => Interlocked.Decrement(ref _open);

    private static int OpenFilesLimit()
    {
        const string row = "Max open files";
        try
        {
            foreach (string line in File.ReadLines("/proc/self/limits"))
            {
                if (!line.StartsWith(row, StringComparison.Ordinal))
                    continue;
                string soft = line[row.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
                return int.TryParse(soft, out int limit) ? limit : int.MaxValue;
            }
        }
        catch (IOException)
        {
            // No /proc: then the limit is taken for the smallest that is usual.
        }

        return 4 * Fewest;
    }
}
