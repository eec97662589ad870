using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using MemTools.Kernel;
using MemTools.Rings;

namespace MemTools.Commands.Support;

/// <summary>Completes the names of the rings that processes share.</summary>
public sealed class SharedRingNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string typed = wordToComplete.Trim('\'', '"');
        return All()
            .Where(ring => ring.Name.StartsWith(typed, StringComparison.Ordinal))
            .Select(ring => new CompletionResult(
                RingBufferNameCompleter.Quoted(ring.Name), ring.Name, CompletionResultType.ParameterValue, $"{ring.Mode} ring of process {ring.OwnerProcessId}, {ring.State}"));
    }

    private static IReadOnlyList<SharedRingInfo> All()
    {
        try
        {
            return SharedRing.GetAll();
        }
        catch (Exception e) when (e is IHasErrorKind)
        {
            // A registry that is not safe to use is told of when a ring is to be connected.
            return [];
        }
    }
}
