using System.Text;
using MemTools.Bench.Places;

namespace MemTools.Bench.Report;

/// <summary>What one benchmark found, as it stands in the document.</summary>
internal sealed class Section
{
    private readonly string _title;
    private readonly List<Table> _tables = [];
    private readonly List<Target> _targets = [];
    private readonly List<string> _notes = [];

    /// <param name="name">The name of the benchmark.</param>
    /// <param name="title">What was measured.</param>
    internal Section(string name, string title)
    {
        Name = name;
        _title = title;
    }

    internal string Name { get; }

    internal void Add(Table table) => _tables.Add(table);

    internal void Add(Target target) => _targets.Add(target);

    /// <summary>Adds a sentence under the tables.</summary>
    internal void Note(string sentence) => _notes.Add(sentence);

    /// <summary>Adds that a contender cannot work at a place, in its own words without the paths.</summary>
    internal void NoteRefusal(Place place, string contender, string message)
    {
        int reason = message.IndexOf("': ", StringComparison.Ordinal);
        int end = message.IndexOf(". ", StringComparison.Ordinal);
        bool isRefusal = reason >= 0 && end > reason;
        Note($"{place.Name}, {contender}: not possible here, {(isRefusal ? message[(reason + 3)..end] : message)}.");
    }

    /// <summary>The section in Markdown.</summary>
    /// <param name="machine">On what it was measured.</param>
    /// <param name="command">How to measure it again.</param>
    internal string ToMarkdown(string machine, string command)
    {
        StringBuilder text = new();
        text.Append($"### {_title}\n\nMeasured on {DateTime.UtcNow:yyyy-MM-dd} with `{command}`.\n{machine}\n");
        foreach (Table table in _tables)
            text.Append('\n').Append(table);
        text.Append('\n').Append(Targets());
        if (_notes.Count > 0)
            text.Append('\n');
        foreach (string note in _notes)
            text.Append($"- {note}\n");
        return text.ToString();
    }

    private Table Targets()
    {
        Table table = new("target", "measured", "at most", "");
        foreach (Target target in _targets)
            table.AddRow(target.Name, target.Measured, target.Allowed, target.Met ? "met" : "**not met**");
        return table;
    }
}
