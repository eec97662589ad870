using System.Runtime.InteropServices;
using MemTools.Kernel;

namespace MemTools.Native;

/// <summary>What the driver of a network interface offers: ioctl(2) with SIOCETHTOOL (linux/ethtool.h, netdevice(7)).</summary>
internal static unsafe partial class EthernetCalls
{
    internal const ulong EthernetTool = 0x8946;

    internal const uint GetStrings = 0x1b;
    internal const uint GetStringSetInfo = 0x37;
    internal const uint GetFeatures = 0x3a;

    /// <summary>The set of strings that names the features.</summary>
    internal const uint FeatureSet = 4;

    /// <summary>Bytes of one string, its zeros included.</summary>
    internal const int StringSize = 32;

    /// <summary>Bytes of an interface's name, the zero at its end included.</summary>
    internal const int NameSize = 16;

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Ask(Descriptor socket, ulong request, InterfaceRequest* question);
}

/// <summary>struct ifreq of netdevice(7), with a pointer to the question of ethtool.</summary>
[StructLayout(LayoutKind.Sequential, Size = 40)]
internal unsafe struct InterfaceRequest
{
    internal fixed byte Name[EthernetCalls.NameSize];
    internal nint Data;
}

/// <summary>struct ethtool_sset_info; a 32-bit count for each set asked for follows.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StringSetInfo
{
    internal uint Command;
    internal uint Reserved;
    internal ulong Sets;
}

/// <summary>struct ethtool_gstrings; the strings follow.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StringSetHeader
{
    internal uint Command;
    internal uint StringSet;
    internal uint Count;
}

/// <summary>struct ethtool_gfeatures; the blocks follow.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FeatureHeader
{
    internal uint Command;
    internal uint BlockCount;
}

/// <summary>struct ethtool_get_features_block: one bit for each of 32 features.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FeatureBlock
{
    internal uint Available;
    internal uint Requested;
    internal uint Active;
    internal uint NeverChanged;
}
