using System.Management.Automation;
using System.Management.Automation.Runspaces;
using MemTools.Kernel;

namespace MemTools.Commands.Support;

/// <summary>Where a script is, for what may be forgotten there.</summary>
public sealed class ScriptPosition : IModuleAssemblyInitializer
{
    /// <summary>Has methods of objects know the script's lines too, while leaks are tracked.</summary>
    public void OnImport() => LeakTracking.ScriptPosition = OfCallers;

    /// <summary>The line that calls a command, with its file or "prompt".</summary>
    internal static string Of(InvocationInfo call) =>
        $"{(string.IsNullOrEmpty(call.ScriptName) ? "prompt" : call.ScriptName)}:{call.ScriptLineNumber}: {call.Line.Trim()}";

    /// <summary>The lines of the scripts that run on this thread, the innermost first; null where none does.</summary>
    private static string? OfCallers()
    {
        if (Runspace.DefaultRunspace is null)
            return null;
        // The first is the block itself.
        IEnumerable<string> lines = ScriptBlock.Create("Get-PSCallStack").Invoke()
            .Skip(1)
            .Select(frame => frame.BaseObject)
            .OfType<CallStackFrame>()
            .Select(frame => $"{frame.ScriptName ?? "prompt"}:{frame.ScriptLineNumber}: {frame.Position.StartScriptPosition.Line.Trim()}");
        return string.Join(Environment.NewLine, lines);
    }
}
