using System.Text.RegularExpressions;

namespace MemTools.Tests.Faults;

/// <summary>The calls of one traced copy, in the order in which each thread made them.</summary>
internal sealed partial class SystemCallLog
{
    private SystemCallLog(List<TracedCall> calls) => Calls = calls;

    internal IReadOnlyList<TracedCall> Calls { get; }

    internal IEnumerable<TracedCall> Injected => Calls.Where(call => call.IsInjected);

    /// <summary>How often a call was made on paths that contain a text.</summary>
    internal int Count(string name, string path) => Calls.Count(call => call.Name == name && call.Mentions(path));

    /// <summary>
    /// The calls that the copy makes: from the opening of the source on, those on files under a folder and on the
    /// pipe of splice. The runtime's own are left out.
    /// </summary>
    internal IReadOnlyList<TracedCall> OfCopy(string source, string folder)
    {
        int first = Index(call => call.Name == "openat" && call.Mentions($"\"{source}\""));
        Assert.True(first >= 0, "The log does not show the opening of the source.");
        return [.. Calls.Skip(first).Where(call => call.Mentions(folder) || IsOfOwnPipe(call, Calls[first].Thread))];
    }

    internal static SystemCallLog Read(string path)
    {
        List<TracedCall> calls = [];
        Dictionary<int, string> unfinished = [];
        Dictionary<(int, string), int> numbers = [];
        foreach (string line in File.ReadLines(path))
        {
            Match begun = Unfinished().Match(line);
            if (begun.Success)
            {
                unfinished[int.Parse(begun.Groups[1].ValueSpan, null)] = begun.Groups[2].Value;
                continue;
            }

            string whole = line;
            Match resumed = Resumed().Match(line);
            if (resumed.Success && unfinished.Remove(int.Parse(resumed.Groups[1].ValueSpan, null), out string? start))
                whole = $"{resumed.Groups[1].Value} {start}{resumed.Groups[2].Value}";
            Match call = Call().Match(whole);
            if (!call.Success)
                continue;
            int thread = int.Parse(call.Groups[1].ValueSpan, null);
            string name = call.Groups[2].Value;
            int number = numbers[(thread, name)] = numbers.GetValueOrDefault((thread, name)) + 1;
            calls.Add(new(thread, name, call.Groups[3].Value, call.Groups[4].Value, number));
        }

        return new(calls);
    }

    private static bool IsOfOwnPipe(TracedCall call, int thread) =>
        call.Thread == thread && (call.Name == "pipe2" || call.Mentions("F_SETPIPE_SZ"));

    private int Index(Func<TracedCall, bool> wanted)
    {
        for (int i = 0; i < Calls.Count; i++)
        {
            if (wanted(Calls[i]))
                return i;
        }

        return -1;
    }

    [GeneratedRegex(@"^(\d+) +(\w+\(.*?)\s*<unfinished \.\.\.>$")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"^(\d+) +<\.\.\. \w+ resumed>(.*)$")]
    private static partial Regex Resumed();

    [GeneratedRegex(@"^(\d+) +(\w+)\((.*)\) += (.*)$")]
    private static partial Regex Call();
}
