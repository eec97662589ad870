using System.Globalization;
using MemTools.Kernel;

namespace MemTools.Memory;

/// <summary>What of one mapping is in memory, from /proc/self/smaps (proc_pid_smaps(5)).</summary>
/// <param name="Bytes">Rss, and reserved huge pages, which Rss leaves out.</param>
/// <param name="HugeBytes">The part of it that is in huge pages of either kind.</param>
internal readonly record struct ResidentPages(long Bytes, long HugeBytes)
{
    /// <summary>Null where the mapping is not listed.</summary>
    internal static ResidentPages? Of(nint address)
    {
        string start = string.Create(CultureInfo.InvariantCulture, $"{address:x}-");
        using IEnumerator<string> lines = File.ReadLines("/proc/self/smaps").GetEnumerator();
        while (lines.MoveNext())
        {
            if (lines.Current.StartsWith(start, StringComparison.Ordinal))
                return Read(lines);
        }

        return null;
    }

    /// <summary>The figures of a mapping end with its flags.</summary>
    private static ResidentPages Read(IEnumerator<string> lines)
    {
        long resident = 0;
        long huge = 0;
        while (lines.MoveNext() && !lines.Current.StartsWith("VmFlags:", StringComparison.Ordinal))
        {
            int colon = lines.Current.IndexOf(':', StringComparison.Ordinal);
            long Value() => KilobyteField.Bytes(lines.Current.AsSpan(colon + 1));
            switch (lines.Current[..colon])
            {
                case "Rss":
                    resident += Value();
                    break;
                case "AnonHugePages" or "ShmemPmdMapped" or "FilePmdMapped":
                    huge += Value();
                    break;
                case "Private_Hugetlb" or "Shared_Hugetlb":
                    resident += Value();
                    huge += Value();
                    break;
            }
        }

        return new(resident, huge);
    }
}
