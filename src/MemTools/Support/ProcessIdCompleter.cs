using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace MemTools.Commands.Support;

/// <summary>Completes the ids of running processes: by the digits typed, or by the beginning of the name.</summary>
public sealed class ProcessIdCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        foreach ((int id, string name) in RunningProcesses.All())
        {
            string text = id.ToString(CultureInfo.InvariantCulture);
            if (text.StartsWith(wordToComplete, StringComparison.Ordinal) || name.StartsWith(wordToComplete, StringComparison.OrdinalIgnoreCase))
                yield return new(text, $"{text} {name}", CompletionResultType.ParameterValue, name);
        }
    }
}
