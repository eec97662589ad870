using System.Management.Automation;
using MemTools.Kernel;

namespace MemTools.Commands.Support;

/// <summary>Disposes what is still open when the module is removed, and says what that was.</summary>
public sealed class LiveObjectCleanup : IModuleAssemblyCleanup
{
    private const int MostNamed = 5;

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        foreach ((string noun, IReadOnlyList<string> names) in LiveObjectKinds.DisposeAll())
        {
            string what = names.Count == 1 ? $"the {noun}" : $"{names.Count} {noun}s";
            Warn($"Removing MemTools closed {what} {string.Join(", ", names.Select(name => $"'{name}'"))}.");
        }

        WarnOfLeaks();
    }

    /// <summary>What the garbage collector had to release, by kind, with the first places.</summary>
    private static void WarnOfLeaks()
    {
        foreach (IGrouping<string, LeakedObject> kind in LeakTracking.GetLeaked().GroupBy(one => one.Kind))
        {
            IEnumerable<string> places = kind.Select(one => one.MadeAt is { } place ? $"'{one.Name}' (made at {place})" : $"'{one.Name}'");
            string more = kind.Count() > MostNamed ? " and others" : string.Empty;
            string what = kind.Count() == 1 ? $"A {kind.Key} was" : $"{kind.Count()} {kind.Key}s were";
            Warn($"{what} never disposed, and released by the garbage collector: {string.Join(", ", places.Take(MostNamed))}{more}.");
        }

        LeakTracking.Clear();
    }

    /// <summary>There is no command here that could warn.</summary>
    private static void Warn(string message) =>
        ScriptBlock.Create("param($Message) Write-Warning $Message").Invoke(message);
}
