using System.Collections;
using System.Management.Automation;

namespace MemTools.Commands.Support;

/// <summary>
/// From what a user types to a path of the file system. PowerShell's own resolution reads /proc/self/mountinfo at
/// every call (40 to 300 us); an absolute path without wildcards already is what it would return.
/// </summary>
internal sealed class FilePaths
{
    private const string ProviderPrefix = @"Microsoft.PowerShell.Core\FileSystem::";

    private readonly PSCmdlet _cmdlet;

    internal FilePaths(PSCmdlet cmdlet) => _cmdlet = cmdlet;

    /// <summary>What a parameter holds that takes one item or several.</summary>
    internal static IEnumerable<object> Items(object? value) => value switch
    {
        null => [],
        PSObject { BaseObject: IList list } => Items(list),
        // An empty path is refused with its own message where it is used.
        IList list => list.Cast<object?>().Select(item => item ?? string.Empty),
        _ => [value],
    };

    /// <summary>
    /// The files that an item of -Path names: text is a path with wildcards; a file object, or any object with a
    /// PSPath, is that file, whatever characters its name has.
    /// </summary>
    internal IEnumerable<string> ResolveItem(object item)
    {
        object value = item is PSObject { BaseObject: var inner } ? inner : item;
        if (value is string text)
            return Resolve(text);
        if (value is FileSystemInfo file)
            return [file.FullName];
        if (PSObject.AsPSObject(item).Properties["PSPath"]?.Value is { } path)
            return [Literal(LanguagePrimitives.ConvertTo<string>(path))];
        return Resolve(LanguagePrimitives.ConvertTo<string>(item));
    }

    /// <summary>The files that a path with wildcards names; one path, existing or not, where it has none.</summary>
    internal IEnumerable<string> Resolve(string path)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(path) && !path.Contains('`', StringComparison.Ordinal))
            return [Literal(path)];
        IEnumerable<string> found = _cmdlet.GetResolvedProviderPathFromPSPath(path, out ProviderInfo provider);
        return IsFileSystem(provider) ? found : throw OtherProvider(path, provider);
    }

    /// <summary>The one file that a path without wildcards names.</summary>
    internal IEnumerable<string> ResolveLiteral(string path) => [Literal(path)];

    /// <summary>The one file or folder that a parameter names which takes no more than one.</summary>
    internal string One(string path, bool literally)
    {
        if (literally)
            return Literal(path);
        string[] found = [.. Resolve(path)];
        return found.Length == 1
            ? found[0]
            : throw new PSArgumentException($"'{path}' names {found.Length} items, and one is wanted.");
    }

    /// <summary>The path as it stands, wildcard characters and all.</summary>
    internal string Literal(string path)
    {
        // PowerShell would take it for the current location.
        if (path.Length == 0)
            throw new PSArgumentException("A path cannot be empty.");
        if (path.StartsWith(ProviderPrefix, StringComparison.OrdinalIgnoreCase))
            path = path[ProviderPrefix.Length..];
        if (path.StartsWith('/'))
            return path;
        string resolved = _cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
        if (!IsFileSystem(provider))
            throw OtherProvider(path, provider);
        // A slash at the end says that a directory is meant; resolution may drop it.
        return path.EndsWith('/') && !resolved.EndsWith('/') ? resolved + "/" : resolved;
    }

    private static bool IsFileSystem(ProviderInfo provider) =>
        string.Equals(provider.Name, "FileSystem", StringComparison.OrdinalIgnoreCase);

    private static PSNotSupportedException OtherProvider(string path, ProviderInfo provider) =>
        new($"'{path}' belongs to the provider {provider.Name}; only paths of the file system can be used here.");
}
