using System.Globalization;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>
/// Whether mincore(2) tells the truth: for a file that one neither owns nor may write it reports every page as
/// resident, so that nobody can watch what others read.
/// </summary>
internal static class CachePermission
{
    private const int OwnerCapability = 3;

    private static readonly Lazy<bool> ActsAsOwner = new(() => HasCapability(OwnerCapability));

    internal static bool TellsResidency(Descriptor file, in Statx status) =>
        !status.IsRegular || status.User == ProcessCalls.EffectiveUser() || ActsAsOwner.Value || MayWrite(file);

    private static bool MayWrite(Descriptor file) =>
        FileMetadata.AllowsWriting(Descriptor.WorkingDirectory, NativePath.From($"/proc/self/fd/{file.Number}"));

    /// <summary>CapEff of /proc/self/status: a bit a capability (capabilities(7)).</summary>
    private static bool HasCapability(int number)
    {
        const string field = "CapEff:";
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        ulong bits = ulong.Parse(line.AsSpan(field.Length).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return (bits >> number & 1) != 0;
    }
}
