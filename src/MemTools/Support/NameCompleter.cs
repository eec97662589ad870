using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace MemTools.Commands.Support;

/// <summary>Completes the names of objects that live: pools, rings, mapped files and their like.</summary>
public abstract class NameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string typed = wordToComplete.Trim('\'', '"');
        return Live()
            .Where(one => one.Name.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .Select(one => new CompletionResult(CompletedName.Quoted(one.Name), one.Name, CompletionResultType.ParameterValue, one.ToolTip));
    }

    /// <summary>Those that there are.</summary>
    private protected abstract IEnumerable<(string Name, string ToolTip)> Live();
}
