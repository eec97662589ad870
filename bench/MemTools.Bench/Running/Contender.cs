namespace MemTools.Bench.Running;

/// <summary>One of those that do the same work in turn.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Run">Does the work once and returns the seconds it took.</param>
internal sealed record Contender(string Name, Func<double> Run);
