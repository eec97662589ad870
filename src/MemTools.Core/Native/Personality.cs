namespace MemTools.Native;

/// <summary>Bits of personality(2) that decide where the kernel puts things in a new program's memory.</summary>
internal static class Personality
{
    /// <summary>No random addresses: what setarch -R and most debuggers set.</summary>
    internal const uint NoRandomAddresses = 0x0040000;

    /// <summary>Mappings from the bottom upwards: what setarch -L sets.</summary>
    internal const uint CompatibleLayout = 0x0200000;
}
