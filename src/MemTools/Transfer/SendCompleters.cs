using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using MemTools.Transfer;

namespace MemTools.Commands;

/// <summary>Completes those values of an enumeration that mean something between hosts; for others an error says why not.</summary>
public abstract class SendCompleter : IArgumentCompleter
{
    private readonly string[] _names;

    private protected SendCompleter(params Enum[] values) => _names = [.. values.Select(value => value.ToString())];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        _names.Where(name => name.StartsWith(wordToComplete, StringComparison.OrdinalIgnoreCase)).Select(name => new CompletionResult(name));
}

/// <summary>The methods that can write to a socket.</summary>
public sealed class SendMethodCompleter() : SendCompleter(
    CopyMethod.Auto, CopyMethod.Sendfile, CopyMethod.Splice, CopyMethod.Mmap, CopyMethod.ReadWrite);

/// <summary>The methods that can read from a socket.</summary>
public sealed class ReceiveMethodCompleter() : SendCompleter(CopyMethod.Auto, CopyMethod.Splice, CopyMethod.ReadWrite);

/// <summary>The checks that work between hosts.</summary>
public sealed class SendVerifyCompleter() : SendCompleter(VerifyMode.Sha256, VerifyMode.None);

/// <summary>What can go along with the bytes.</summary>
public sealed class SendPreserveCompleter() : SendCompleter(PreserveItems.Mode, PreserveItems.Timestamps, PreserveItems.Xattr, PreserveItems.None);
