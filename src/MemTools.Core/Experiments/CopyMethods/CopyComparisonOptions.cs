namespace MemTools.Experiments.CopyMethods;

/// <summary>What a comparison runs, and how often.</summary>
public sealed record CopyComparisonOptions
{
    /// <summary>The methods; all of them where none is named.</summary>
    public IReadOnlyList<ComparedMethod> Methods { get; init; } = Enum.GetValues<ComparedMethod>();

    /// <summary>Where the bytes go.</summary>
    public ComparisonTarget Target { get; init; }

    /// <summary>A directory, or a file of one, in which the scratch file is made. Only for the target File.</summary>
    public string? Destination { get; init; }

    /// <summary>Where the source's pages are before each run.</summary>
    public SourceCache Cache { get; init; }

    /// <summary>How often each method runs, at least 1.</summary>
    public int Count { get; init; } = 5;

    /// <summary>The network interface whose scatter-gather the textbook's figures for a socket assume.</summary>
    public string Interface { get; init; } = "lo";
}
