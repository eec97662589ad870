namespace MemTools.Experiments.CopyMethods;

/// <summary>The state of the source's pages before each run.</summary>
public enum SourceCache
{
    /// <summary>Read before, so that they are in the page cache.</summary>
    Warm,

    /// <summary>Dropped from the page cache (posix_fadvise(2)), so that they come from the disk.</summary>
    Cold,
}
