using System.Text;

namespace MemTools.Bench.Report;

/// <summary>A table in Markdown: the first column is text, the others are figures.</summary>
internal sealed class Table
{
    private readonly List<string[]> _rows = [];

    internal Table(params string[] columns) => _rows.Add(columns);

    internal void AddRow(params string[] cells) => _rows.Add(cells);

    public override string ToString()
    {
        StringBuilder text = new();
        AppendRow(text, _rows[0]);
        AppendRow(text, [.. _rows[0].Select((_, column) => column == 0 ? "---" : "---:")]);
        foreach (string[] row in _rows.Skip(1))
            AppendRow(text, row);
        return text.ToString();
    }

    private static void AppendRow(StringBuilder text, IEnumerable<string> cells) =>
        text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
