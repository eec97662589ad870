namespace MemTools.Commands;

/// <summary>What several commands on malloc warn of.</summary>
internal static class MallocWarnings
{
    internal static string Foreign(string file) =>
        $"This process allocates with {file}, not with glibc's malloc, whose heap is what this command is about.";
}
