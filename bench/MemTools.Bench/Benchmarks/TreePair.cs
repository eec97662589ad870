using MemTools.Bench.Places;
using MemTools.Bench.Running;
using MemTools.Bench.Statistics;

namespace MemTools.Bench.Benchmarks;

/// <summary>A tree and its copy at a place, and what is done around each run there.</summary>
internal sealed class TreePair : IDisposable
{
    private readonly PowerShellHost _shell;

    internal TreePair(Place place, PowerShellHost shell, Action<string> make)
    {
        _shell = shell;
        Source = place.PathOf("s");
        Destination = place.PathOf("d");
        make(Source);
        Entries = TreeSources.Count(Source);
    }

    internal string Source { get; }

    internal string Destination { get; }

    /// <summary>Everything in the tree but its root.</summary>
    internal int Entries { get; }

    /// <summary>Runs to a destination that is not there.</summary>
    internal Samples First(IEnumerable<Contender> contenders, int rounds) =>
        new InterleavedRun(Clear, Expect).Measure([.. contenders], rounds);

    /// <summary>Runs to a destination that is up to date, as the last of these made it.</summary>
    internal Samples Second(IEnumerable<Contender> contenders, int rounds) =>
        new InterleavedRun(Settle, Expect).Measure([.. contenders], rounds);

    public void Dispose()
    {
        Directory.Delete(Source, recursive: true);
        Directory.Delete(Destination, recursive: true);
    }

    private void Clear()
    {
        if (Directory.Exists(Destination))
            Directory.Delete(Destination, recursive: true);
        Settle();
    }

    private void Settle()
    {
        _shell.Execute("[GC]::Collect(); [GC]::WaitForPendingFinalizers()");
        Place.Settle();
    }

    private void Expect()
    {
        int found = TreeSources.Count(Destination);
        if (found != Entries)
            throw new CommandFailedException($"The copy has {found} entries, not {Entries}.");
    }
}
