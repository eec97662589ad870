using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Trees;

/// <summary>Which items of a tree belong to the copy: by name or path, size and time.</summary>
internal sealed class TreeFilter
{
    private readonly NamePattern[] _include;
    private readonly NamePattern[] _exclude;
    private readonly TreeCopyOptions _options;

    /// <exception cref="ArgumentException">A pattern is none.</exception>
    internal TreeFilter(TreeCopyOptions options)
    {
        _options = options;
        _include = [.. options.Include.Select(pattern => new NamePattern(pattern))];
        _exclude = [.. options.Exclude.Select(pattern => new NamePattern(pattern))];
    }

    /// <summary>Whether names decide.</summary>
    internal bool NeedsNames => _include.Length + _exclude.Length > 0;

    /// <summary>Whether a name is left out, with all that is in it where it is a directory's.</summary>
    internal bool Excludes(TreeDirectory directory, NativePath name, bool isDirectory) => MatchesAny(_exclude, directory, name, isDirectory);

    /// <summary>Whether a file, link or special file belongs to the copy.</summary>
    /// <param name="directory">Where it stands.</param>
    /// <param name="name">Its name.</param>
    /// <param name="type">What it is.</param>
    /// <param name="status">Its status, where size or time decide.</param>
    [MethodImpl(Compilation.AtOnce)]
    internal bool Selects(TreeDirectory directory, NativePath name, uint type, Statx? status)
    {
        if (_include.Length > 0 && !MatchesAny(_include, directory, name, isDirectory: false))
            return false;
        return !_options.SelectsByStatus || type != Statx.TypeRegular || status is not { } known || SelectsStatus(known);
    }

    /// <summary>Whether a name that the source lacks is none of this run's business.</summary>
    internal bool Protects(TreeDirectory directory, NativePath name, byte type)
    {
        bool isDirectory = type == DirectoryCalls.EntryTypeDirectory;
        return Excludes(directory, name, isDirectory)
            || (_include.Length > 0 && !isDirectory && !MatchesAny(_include, directory, name, isDirectory));
    }

    private bool SelectsStatus(in Statx status)
    {
        long length = status.Length;
        DateTimeOffset modified = TimeOf(status.ModifyTime);
        return length >= (_options.MinimumSize ?? 0)
            && length <= (_options.MaximumSize ?? long.MaxValue)
            && (_options.ModifiedAfter is not { } after || modified > after)
            && (_options.ModifiedBefore is not { } before || modified < before);
    }

    private static bool MatchesAny(NamePattern[] patterns, TreeDirectory directory, NativePath name, bool isDirectory)
    {
        if (patterns.Length == 0)
            return false;
        string text = name.ToString();
        string? path = null;
        foreach (NamePattern pattern in patterns)
        {
            if (pattern.DirectoriesOnly && !isDirectory)
                continue;
            if (pattern.Matches(pattern.IsPath ? path ??= PathOf(directory, text) : text))
                return true;
        }

        return false;
    }

    private static string PathOf(TreeDirectory directory, string name)
    {
        string above = directory.RelativePath();
        return above.Length == 0 ? name : above + "/" + name;
    }

    /// <summary>A file's time in .NET's terms; the ends of its calendar for times beyond them.</summary>
    private static DateTimeOffset TimeOf(in StatxTimestamp time)
    {
        long seconds = Math.Clamp(time.Seconds, DateTimeOffset.MinValue.ToUnixTimeSeconds(), DateTimeOffset.MaxValue.ToUnixTimeSeconds());
        return DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(time.Nanoseconds / TimeSpan.NanosecondsPerTick);
    }
}
