using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using MemTools.Kernel;
using MemTools.Pools;

namespace MemTools.Commands.Support;

/// <summary>Completes the names of the native buffers and composites that live.</summary>
public sealed class NativeBufferNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string typed = wordToComplete.Trim('\'', '"');
        foreach (INativeBuffer buffer in NativeBuffer.GetAll())
        {
            if (buffer.Name.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
                yield return new(CompletedName.Quoted(buffer.Name), buffer.Name, CompletionResultType.ParameterValue, $"{buffer.Kind}, {HumanUnits.Size(buffer.Length)}");
        }
    }
}
