using System.Globalization;

namespace MemTools.Experiments.CopyMethods;

/// <summary>The most memory that this process had resident since the mark was reset (proc_pid_clear_refs(5), VmHWM).</summary>
internal static class PeakMemory
{
    private const string ResetMark = "5";

    /// <summary>Begins anew from what is resident now; false where the kernel does not let it.</summary>
    internal static bool TryReset()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", ResetMark);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The mark in bytes.</summary>
    internal static long? Read()
    {
        const string field = "VmHWM:";
        foreach (string line in File.ReadLines("/proc/self/status"))
        {
            if (!line.StartsWith(field, StringComparison.Ordinal))
                continue;
            ReadOnlySpan<char> number = line.AsSpan(field.Length).Trim().TrimEnd("kB").TrimEnd();
            return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long kibibytes)
                ? kibibytes * 1024
                : null;
        }

        return null;
    }
}
