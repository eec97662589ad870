using MemTools.Kernel;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer.Jobs;

/// <summary>What -Include and -Exclude leave out of a job is not removed either, wherever it stands.</summary>
internal sealed class ProtectedNames
{
    private readonly NamePattern[] _include;
    private readonly NamePattern[] _exclude;

    internal ProtectedNames(TreeCopyOptions options)
    {
        _include = [.. options.Include.Select(pattern => new NamePattern(pattern))];
        _exclude = [.. options.Exclude.Select(pattern => new NamePattern(pattern))];
    }

    /// <summary>Whether the filters leave an item out.</summary>
    /// <param name="relative">Its path from the root.</param>
    /// <param name="isDirectory">Whether it is a directory.</param>
    internal bool Contain(NativePath relative, bool isDirectory)
    {
        if (_include.Length + _exclude.Length == 0)
            return false;
        return Matches(_exclude, relative, isDirectory)
            || (_include.Length > 0 && !isDirectory && !Matches(_include, relative, isDirectory));
    }

    private static bool Matches(NamePattern[] patterns, NativePath relative, bool isDirectory) => Array.Exists(
        patterns,
        pattern => (isDirectory || !pattern.DirectoriesOnly)
            && pattern.Matches((pattern.IsPath ? relative : relative.Name).ToString()));
}
