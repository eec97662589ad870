using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using MemTools.Rings;

namespace MemTools.Commands.Support;

/// <summary>Completes the names of the rings that this process holds.</summary>
public sealed class RingBufferNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string typed = wordToComplete.Trim('\'', '"');
        foreach (RingBuffer ring in RingBuffer.GetAll())
        {
            if (ring.Name.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
                yield return new(Quoted(ring.Name), ring.Name, CompletionResultType.ParameterValue, $"{ring.Kind} ring, {ring.Used:N0} of {ring.Capacity:N0} taken");
        }
    }

    /// <summary>In quotes where PowerShell would take the name apart.</summary>
    internal static string Quoted(string name) =>
        name.All(letter => char.IsLetterOrDigit(letter) || letter is '.' or '-' or '_')
            ? name
            : $"'{CodeGeneration.EscapeSingleQuotedStringContent(name)}'";
}
