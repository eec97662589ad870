namespace MemTools.Transfer.Trees;

/// <summary>
/// A wildcard as PowerShell has it (<c>*</c>, <c>?</c>, <c>[a-z]</c>, escaped by a backtick; upper and lower case are
/// one), matched against a name; with a slash in it, against the path from the root of the copy. There <c>*</c> and
/// <c>?</c> stay within a folder, and <c>**</c> crosses folders.
/// </summary>
internal sealed class NamePattern
{
    private readonly string _pattern;

    /// <exception cref="ArgumentException">The pattern is empty, or a bracket is not closed.</exception>
    internal NamePattern(string pattern)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        DirectoriesOnly = pattern.Length > 1 && pattern.EndsWith('/');
        string trimmed = DirectoriesOnly ? pattern.TrimEnd('/') : pattern;
        IsPath = trimmed.Contains('/', StringComparison.Ordinal);
        _pattern = trimmed.TrimStart('/');
        CheckBrackets(pattern);
    }

    /// <summary>Whether it is matched against the path rather than the name.</summary>
    internal bool IsPath { get; }

    /// <summary>Whether a slash at its end names directories alone.</summary>
    internal bool DirectoriesOnly { get; }

    /// <summary>Whether all of a name, or of a relative path, matches.</summary>
    internal bool Matches(ReadOnlySpan<char> text) => Matches(_pattern, text);

    private bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        while (!pattern.IsEmpty)
        {
            if (pattern[0] == '*')
                return MatchesAfterStar(pattern, text);
            int used = MatchOne(pattern, text);
            if (used == 0)
                return false;
            pattern = pattern[used..];
            text = text[1..];
        }

        return text.IsEmpty;
    }

    private bool MatchesAfterStar(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        int stars = pattern.IndexOfAnyExcept('*');
        bool crosses = !IsPath || stars is -1 or > 1 && pattern.StartsWith("**", StringComparison.Ordinal);
        ReadOnlySpan<char> rest = stars < 0 ? [] : pattern[stars..];
        // "**/x" matches x in the root too.
        if (IsPath && stars >= 2 && rest.StartsWith("/", StringComparison.Ordinal) && Matches(rest[1..], text))
            return true;
        for (int skipped = 0; skipped <= text.Length; skipped++)
        {
            if (Matches(rest, text[skipped..]))
                return true;
            if (skipped < text.Length && text[skipped] == '/' && !crosses)
                return false;
        }

        return false;
    }

    /// <summary>How much of the pattern the first character of the text takes; zero where it does not match.</summary>
    private int MatchOne(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
            return 0;
        switch (pattern[0])
        {
            case '?':
                return IsPath && text[0] == '/' ? 0 : 1;
            case '[':
                int end = pattern.IndexOf(']');
                return IsInSet(pattern[1..end], text[0]) ? end + 1 : 0;
            case '`' when pattern.Length > 1:
                return Same(pattern[1], text[0]) ? 2 : 0;
            default:
                return Same(pattern[0], text[0]) ? 1 : 0;
        }
    }

    private static bool IsInSet(ReadOnlySpan<char> set, char character)
    {
        char folded = Fold(character);
        for (int i = 0; i < set.Length; i++)
        {
            bool isRange = i + 2 < set.Length && set[i + 1] == '-';
            if (isRange ? folded >= Fold(set[i]) && folded <= Fold(set[i + 2]) : folded == Fold(set[i]))
                return true;
            if (isRange)
                i += 2;
        }

        return false;
    }

    private static bool Same(char one, char other) => Fold(one) == Fold(other);

    private static char Fold(char character) => char.ToUpperInvariant(character);

    private static void CheckBrackets(string pattern)
    {
        for (int i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '`')
                i++;
            else if (pattern[i] == '[' && (i = pattern.IndexOf(']', i)) < 0)
                throw new ArgumentException($"The pattern '{pattern}' has a bracket that is not closed; `[ stands for the bracket itself.");
        }
    }
}
