using System.Runtime.CompilerServices;
using System.Text;
using MemTools.Kernel;
using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Receiving;

/// <summary>Sets what an entry brought besides its bytes. What cannot be set is a warning: the bytes are there.</summary>
internal static class ReceivedMetadata
{
    internal const uint PermissionBits = 0x1FF;

    private const uint AllModeBits = 0xFFF;

    /// <summary>The mode for a new file, so that most need no further call: nobody can open it before it has its name.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal static uint CreationMode(ReceivedEntry entry)
    {
        const uint leftToUmask = 0x1B6;
        return entry.Has(EntryFlags.Mode) ? entry.Mode : leftToUmask;
    }

    /// <summary>Attributes, mode and times, in the order in which the kernel undoes the least.</summary>
    /// <param name="file">The file or directory.</param>
    /// <param name="entry">What to set.</param>
    /// <param name="mode">The mode that it has.</param>
    /// <param name="warnings">Takes what could not be set; made when needed.</param>
    [MethodImpl(Compilation.AtOnce)]
    internal static void Apply(Descriptor file, ReceivedEntry entry, uint mode, ref List<string>? warnings)
    {
        WireReader reader = new(entry.Attributes);
        for (int i = 0; i < entry.AttributeCount; i++)
            SetAttribute(file, entry, EntryAttribute.Read(ref reader), ref warnings);
        if (entry.Has(EntryFlags.Mode) && (mode & AllModeBits) != entry.Mode)
            Warn(FileMetadata.SetMode(file, entry.Mode), "fchmod", "mode", entry, ref warnings);
        if (entry.Has(EntryFlags.Times))
            Warn(FileMetadata.SetTimes(file, entry.AccessTime, entry.ModifyTime), "futimens", "times", entry, ref warnings);
    }

    private static void SetAttribute(Descriptor file, ReceivedEntry entry, EntryAttribute attribute, ref List<string>? warnings)
    {
        if (!attribute.Name.StartsWith("user."u8) || attribute.Name.IndexOf((byte)0) >= 0)
        {
            (warnings ??= []).Add($"An attribute of '{entry.Path}' was left out: only those of the user namespace are taken.");
            return;
        }

        string name = Encoding.UTF8.GetString(attribute.Name);
        Warn(ExtendedAttributes.Set(file, name, attribute.Value.ToArray()), "fsetxattr", $"attribute {WireText.Read(attribute.Name)}", entry, ref warnings);
    }

    [MethodImpl(Compilation.AtOnce)]
    private static void Warn(long result, string call, string what, ReceivedEntry entry, ref List<string>? warnings)
    {
        if (result < 0)
            (warnings ??= []).Add($"The {what} could not be kept: {call}: {KernelResult.ErrnoOf(result)} on '{entry.Path}'.");
    }
}
