using System.Management.Automation;
using MemTools.Kernel;

namespace MemTools.Commands.Support;

/// <summary>Disposes what is still open when the module is removed, and says what that was.</summary>
public sealed class LiveObjectCleanup : IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        foreach ((string noun, IReadOnlyList<string> names) in LiveObjectKinds.DisposeAll())
        {
            string what = names.Count == 1 ? $"the {noun}" : $"{names.Count} {noun}s";
            Warn($"Removing MemTools closed {what} {string.Join(", ", names.Select(name => $"'{name}'"))}.");
        }
    }

    /// <summary>There is no command here that could warn.</summary>
    private static void Warn(string message) =>
        ScriptBlock.Create("param($Message) Write-Warning $Message").Invoke(message);
}
