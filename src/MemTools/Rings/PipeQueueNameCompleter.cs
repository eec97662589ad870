using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using MemTools.Rings;

namespace MemTools.Commands.Support;

/// <summary>Completes the names of the pipe queues that live.</summary>
public sealed class PipeQueueNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string typed = wordToComplete.Trim('\'', '"');
        foreach (PipeQueue queue in PipeQueue.GetAll())
        {
            if (queue.Name.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
                yield return new(Quoted(queue.Name), queue.Name, CompletionResultType.ParameterValue, $"pipe queue, {queue.Count:N0} to read");
        }
    }

    /// <summary>In quotes where PowerShell would take the name apart.</summary>
    private static string Quoted(string name) =>
        name.All(letter => char.IsLetterOrDigit(letter) || letter is '.' or '-' or '_')
            ? name
            : $"'{CodeGeneration.EscapeSingleQuotedStringContent(name)}'";
}
