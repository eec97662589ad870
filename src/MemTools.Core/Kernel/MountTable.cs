using System.Globalization;
using MemTools.Native;

namespace MemTools.Kernel;

/// <summary>What file systems are called: /proc/self/mountinfo (proc_pid_mountinfo(5)).</summary>
internal static class MountTable
{
    /// <summary>The type of the file system that an open file is on, such as <c>ext4</c>; null where it is not known.</summary>
    internal static string? TypeOf(Descriptor file)
    {
        if (FileMetadata.Status(file, out Statx status, Statx.MountIdentity) < 0 || (status.Mask & Statx.MountIdentity) == 0)
            return null;
        string id = status.MountId.ToString(CultureInfo.InvariantCulture);
        try
        {
            foreach (string line in File.ReadLines("/proc/self/mountinfo"))
            {
                if (line.StartsWith(id + " ", StringComparison.Ordinal))
                    return TypeIn(line);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No /proc: the type stays unknown.
        }

        return null;
    }

    /// <summary>Its place varies: it is the first field after the hyphen that ends the optional ones.</summary>
    private static string? TypeIn(string line)
    {
        string[] fields = line.Split(' ');
        int hyphen = Array.IndexOf(fields, "-");
        return hyphen >= 0 && hyphen + 1 < fields.Length ? fields[hyphen + 1] : null;
    }
}
