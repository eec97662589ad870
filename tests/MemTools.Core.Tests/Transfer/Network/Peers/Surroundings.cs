using MemTools.Tests.Support;

namespace MemTools.Tests.Transfer.Network.Peers;

/// <summary>All there is to know of a folder: what escapes from a directory shows in the one around it.</summary>
internal static class Surroundings
{
    /// <summary>Type, mode, owner, length, time of modification and target of each entry, and the content of files.</summary>
    internal static string Describe(string folder, string except)
    {
        string entries = Tool.RunChecked(
            "find", folder, "-path", except, "-prune", "-o", "-printf", "%P %y %m %U:%G %s %T@ %l\\n");
        string sums = Tool.RunChecked("find", folder, "-path", except, "-prune", "-o", "-type", "f", "-exec", "sha256sum", "{}", "+");
        return string.Join('\n', (entries + sums).Split('\n').Order(StringComparer.Ordinal));
    }

    /// <summary>Fails where a directory holds anything but files, folders and links that stay inside, or any bit of set-user-ID or its like.</summary>
    internal static void AssertHarmless(string destination)
    {
        string strange = Tool.RunChecked("find", destination, "(", "-not", "-type", "f", "-not", "-type", "d", "-not", "-type", "l", ")", "-o", "-perm", "/7000");
        Assert.True(strange.Length == 0, $"What should not be there: {strange}");
        string root = Path.GetFullPath(destination);
        foreach (string line in Tool.RunChecked("find", destination, "-type", "l", "-printf", "%p\\t%l\\n").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = line.Split('\t');
            Assert.False(parts[1].StartsWith('/'), $"A link leads out: {line}");
            string leads = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(parts[0])!, parts[1]));
            Assert.True(leads == root || leads.StartsWith(root + "/", StringComparison.Ordinal), $"A link leads out: {line}");
        }
    }
}
