using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using MemTools.Transfer.Probing;

namespace MemTools.Commands.Support;

/// <summary>Completes the names of network interfaces.</summary>
public sealed class InterfaceCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        ZeroCopySupport.Interfaces
            .Where(name => name.StartsWith(wordToComplete, StringComparison.OrdinalIgnoreCase))
            .Select(name => new CompletionResult(name));
}
