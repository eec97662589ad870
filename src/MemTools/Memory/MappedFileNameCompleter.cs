using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using MemTools.Memory;

namespace MemTools.Commands.Support;

/// <summary>Completes the names of the mapped files that are open.</summary>
public sealed class MappedFileNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string typed = wordToComplete.Trim('\'', '"');
        foreach (MappedFile file in MappedFile.GetAll())
        {
            if (file.Name.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
                yield return new(CompletedName.Quoted(file.Name), file.Name, CompletionResultType.ParameterValue, $"{file.Path} ({file.Mode})");
        }
    }
}
