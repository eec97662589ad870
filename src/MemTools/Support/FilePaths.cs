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

    /// <summary>The files that a path with wildcards names; one path, existing or not, where it has none.</summary>
    internal IEnumerable<string> Resolve(string path)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(path) && !path.Contains('`', StringComparison.Ordinal))
            return [Literal(path)];
        IEnumerable<string> found = _cmdlet.GetResolvedProviderPathFromPSPath(path, out ProviderInfo provider);
        return IsFileSystem(provider) ? found : throw OtherProvider(path, provider);
    }

    /// <summary>The path as it stands, wildcard characters and all.</summary>
    internal string Literal(string path)
    {
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
