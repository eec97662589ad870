using System.Text.RegularExpressions;

namespace MemTools.Tests.Faults;

/// <summary>One system call in a log of strace.</summary>
/// <param name="Thread">The thread that made it.</param>
/// <param name="Name">Its name, as strace spells it.</param>
/// <param name="Arguments">Its arguments; descriptors carry their paths.</param>
/// <param name="Result">What it returned, and what strace adds to that.</param>
/// <param name="Number">It is this thread's first, second, third call of that name: what strace's when= counts.</param>
internal sealed partial record TracedCall(int Thread, string Name, string Arguments, string Result, int Number)
{
    internal bool IsInjected => Result.Contains("(INJECTED)", StringComparison.Ordinal);

    /// <summary>What it is about, without what differs from run to run.</summary>
    internal string Role => Name + Differing().Replace(Arguments, "#");

    /// <summary>Whether this is the same call on the same files, in another run: what it answered may differ.</summary>
    internal bool IsSameAs(TracedCall other) =>
        Name == other.Name && Number == other.Number && Files().SequenceEqual(other.Files());

    internal bool Mentions(string text) => Arguments.Contains(text, StringComparison.Ordinal);

    public override string ToString() => $"{Name}({Arguments}) = {Result}";

    private IEnumerable<string> Files() =>
        FileName().Matches(Arguments).Select(file => Differing().Replace(file.Value, "#"));

    [GeneratedRegex(@"<[^>]*>|""[^""]+""")]
    private static partial Regex FileName();

    [GeneratedRegex(@"memtools-[0-9a-f]{12}|0x[0-9a-f]+|\d+|\(deleted\)|\{.*\}")]
    private static partial Regex Differing();
}
