namespace MemTools.Bench.Report;

/// <summary>The document that holds the figures: each section stands between a pair of markers, the words around them stay.</summary>
internal static class PerformanceDocument
{
    internal static void Replace(string path, Section section, string markdown)
    {
        string text = File.ReadAllText(path);
        string begin = $"<!-- bench {section.Name}: begin -->\n";
        string end = $"<!-- bench {section.Name}: end -->";
        int from = text.IndexOf(begin, StringComparison.Ordinal);
        int to = text.IndexOf(end, StringComparison.Ordinal);
        if (from < 0 || to < from)
            throw new InvalidDataException($"{path} lacks the lines '{begin.TrimEnd()}' and '{end}'.");
        File.WriteAllText(path, text[..(from + begin.Length)] + markdown + text[to..]);
    }
}
