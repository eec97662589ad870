using System.Diagnostics;
using System.Management.Automation;

namespace MemTools.Commands.Support;

/// <summary>The processes that run now, by the names that Get-Process gives them.</summary>
internal static class RunningProcesses
{
    /// <summary>The ids of those whose names match, in ascending order.</summary>
    internal static int[] Named(string pattern)
    {
        WildcardPattern wildcard = WildcardPattern.Get(pattern, WildcardOptions.IgnoreCase);
        return [.. All().Where(process => wildcard.IsMatch(process.Name)).Select(process => process.Id)];
    }

    internal static IReadOnlyList<(int Id, string Name)> All()
    {
        List<(int Id, string Name)> all = [];
        foreach (Process process in Process.GetProcesses())
        {
            using (process)
            {
                if (NameOf(process) is { } name)
                    all.Add((process.Id, name));
            }
        }

        all.Sort();
        return all;
    }

    private static string? NameOf(Process process)
    {
        try
        {
            return process.ProcessName;
        }
        catch (InvalidOperationException)
        {
            // It ended a moment ago.
            return null;
        }
    }
}
