using MemTools.Kernel;

namespace MemTools.Commands.Support;

/// <summary>Numbers as the table views show them; called from MemTools.Format.ps1xml.</summary>
public static class ViewText
{
    /// <summary>Bytes in binary units, such as 1.5 MiB; empty for null.</summary>
    /// <param name="bytes">A length in bytes.</param>
    public static string Size(long? bytes) => bytes is { } value ? HumanUnits.Size(value) : string.Empty;

    /// <summary>An address in hexadecimal without a prefix, as /proc shows it; empty for null.</summary>
    /// <param name="address">An address.</param>
    public static string Hexadecimal(ulong? address) => address is { } value ? $"{value:x}" : string.Empty;
}
