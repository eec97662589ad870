using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using MemTools.Pools;

namespace MemTools.Commands.Support;

/// <summary>Completes the names of the pools that live.</summary>
public sealed class MemoryPoolNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string typed = wordToComplete.Trim('\'', '"');
        foreach (MemoryPool pool in MemoryPool.GetAll())
        {
            if (pool.Name.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
                yield return new(CompletedName.Quoted(pool.Name), pool.Name, CompletionResultType.ParameterValue, $"{pool.Kind}, {pool.InUse} blocks rented");
        }
    }
}
