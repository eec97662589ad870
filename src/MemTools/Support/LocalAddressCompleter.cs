using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Net;
using System.Net.NetworkInformation;

namespace MemTools.Commands.Support;

/// <summary>Completes the addresses that this host has, and those that stand for all of them.</summary>
public sealed class LocalAddressCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        All()
            .Where(one => one.Text.StartsWith(wordToComplete, StringComparison.OrdinalIgnoreCase))
            .DistinctBy(one => one.Text)
            .Select(one => new CompletionResult(one.Text, one.Text, CompletionResultType.ParameterValue, one.ToolTip));

    private static IEnumerable<(string Text, string ToolTip)> All() =>
    [
        .. NetworkInterface.GetAllNetworkInterfaces().SelectMany(one => one.GetIPProperties().UnicastAddresses.Select(own => (own.Address.ToString(), one.Name))),
        (IPAddress.Any.ToString(), "all IPv4 addresses"),
        (IPAddress.IPv6Any.ToString(), "all addresses"),
    ];
}
