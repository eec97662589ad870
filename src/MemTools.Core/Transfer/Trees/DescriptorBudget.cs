using System.Runtime.CompilerServices;

namespace MemTools.Transfer.Trees;

/// <summary>
/// How many directories of a tree stay open when nobody works in them: a deep tree has more levels than a process may
/// have files open. Beyond the budget the one unused for longest is closed, and opened again when it is needed.
/// </summary>
internal sealed class DescriptorBudget
{
    private const int Fewest = 8;
    private const int Most = 256;

    private readonly int _limit;
    private readonly LinkedList<TreeDirectory> _idle = [];

    /// <param name="limit">Directories that may stay open unused; by default an eighth of RLIMIT_NOFILE, with two files each.</param>
    internal DescriptorBudget(int? limit = null) => _limit = limit ?? Math.Clamp(OpenFilesLimit() / 8, Fewest, Most);

    /// <summary>Takes note that nobody works in a directory any more; closes the one that has been unused for longest.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal void Idle(TreeDirectory directory)
    {
        TreeDirectory? oldest = null;
        lock (_idle)
        {
            directory.IdleNode ??= _idle.AddLast(directory);
            if (_idle.Count > _limit)
            {
                oldest = _idle.First!.Value;
                _idle.RemoveFirst();
                oldest.IdleNode = null;
            }
        }

        oldest?.CloseIfIdle();
    }

    /// <summary>Takes note that somebody works in a directory again, or that it is closed.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal void InUse(TreeDirectory directory)
    {
        lock (_idle)
        {
            if (directory.IdleNode is { } node)
                _idle.Remove(node);
            directory.IdleNode = null;
        }
    }

    /// <summary>Closes all in which nobody works.</summary>
    internal void CloseAll()
    {
        TreeDirectory[] open;
        lock (_idle)
        {
            open = [.. _idle];
            foreach (TreeDirectory directory in open)
                directory.IdleNode = null;
            _idle.Clear();
        }

        foreach (TreeDirectory directory in open)
            directory.CloseIfIdle();
    }

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

        return 8 * Fewest;
    }
}
