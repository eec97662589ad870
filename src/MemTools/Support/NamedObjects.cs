using System.Management.Automation;
using MemTools.Kernel;

namespace MemTools.Commands.Support;

/// <summary>What the commands that list live objects do with -Name.</summary>
internal static class NamedObjects
{
    /// <summary>The objects of a name, or of a pattern of names; none of a name is an error of the command.</summary>
    /// <param name="command">The command that is asked.</param>
    /// <param name="name">A name, or a pattern.</param>
    /// <param name="noun">What they are called: "mapped file".</param>
    /// <param name="all">All that there are.</param>
    /// <param name="nameOf">What one is called.</param>
    internal static IReadOnlyList<T> Find<T>(PSCmdlet command, string name, string noun, IReadOnlyList<T> all, Func<T, string> nameOf)
    {
        // As it is first: a name may hold brackets.
        T[] found = [.. all.Where(one => string.Equals(nameOf(one), name, StringComparison.OrdinalIgnoreCase))];
        if (found.Length > 0)
            return found;
        if (WildcardPattern.ContainsWildcardCharacters(name))
        {
            WildcardPattern pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
            return [.. all.Where(one => pattern.IsMatch(nameOf(one)))];
        }

        command.WriteError(ErrorRecords.From(new MemToolsException(ErrorKind.NotFound, $"No {noun} is called '{name}'."), name));
        return [];
    }
}
