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
        // Names may hold anything but a zero byte.
        foreach (string[] link in Tool.RunChecked("find", destination, "-type", "l", "-printf", "%p\\0%l\\0").Split('\0').Chunk(2).Where(link => link.Length == 2))
        {
            (string path, string target) = (link[0], link[1]);
            Assert.False(target.StartsWith('/'), $"A link leads out: {path} -> {target}");
            string leads = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, target));
            Assert.True(leads == root || leads.StartsWith(root + "/", StringComparison.Ordinal), $"A link leads out: {path} -> {target}");
        }
    }
}
