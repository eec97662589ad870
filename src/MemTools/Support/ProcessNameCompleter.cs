using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace MemTools.Commands.Support;

/// <summary>Completes the names of running processes.</summary>
public sealed class ProcessNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        RunningProcesses.All()
            .Select(process => process.Name)
            .Where(name => name.StartsWith(wordToComplete.Trim('\'', '"'), StringComparison.OrdinalIgnoreCase))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.OrdinalIgnoreCase)
            .Select(name => new CompletionResult(Quoted(name), name, CompletionResultType.ParameterValue, name));

    private static string Quoted(string name) =>
        name.All(character => char.IsAsciiLetterOrDigit(character) || "-_./+".Contains(character, StringComparison.Ordinal))
            ? name
            : $"'{CodeGeneration.EscapeSingleQuotedStringContent(WildcardPattern.Escape(name))}'";
}
