namespace MemTools.Experiments;

/// <summary>How far a comparison is.</summary>
/// <param name="Row">What is measured now.</param>
/// <param name="Done">Processes that have ended.</param>
/// <param name="All">Processes altogether.</param>
internal readonly record struct AllocatorProgress(string Row, int Done, int All);
