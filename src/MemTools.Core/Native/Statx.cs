using System.Runtime.InteropServices;

namespace MemTools.Native;

/// <summary>struct statx_timestamp of statx(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StatxTimestamp : IEquatable<StatxTimestamp>
{
    internal long Seconds;
    internal uint Nanoseconds;
    private readonly int _reserved;

    public readonly bool Equals(StatxTimestamp other) => Seconds == other.Seconds && Nanoseconds == other.Nanoseconds;

    public override readonly bool Equals(object? obj) => obj is StatxTimestamp other && Equals(other);

    public override readonly int GetHashCode() => HashCode.Combine(Seconds, Nanoseconds);

    internal readonly TimeSpec ToTimeSpec() => new() { Seconds = Seconds, Nanoseconds = Nanoseconds };
}

/// <summary>struct statx of statx(2), with the questions that copying asks of it.</summary>
[StructLayout(LayoutKind.Sequential, Size = 256)]
internal struct Statx
{
    internal const uint BasicStats = 0x7ff;
    internal const uint MountIdentity = 0x1000;
    internal const uint DirectIOAlignment = 0x2000;
    internal const ulong AttributeMountRoot = 0x2000;

    internal const uint TypeMask = 0xF000;
    internal const uint TypeFifo = 0x1000;
    internal const uint TypeCharacterDevice = 0x2000;
    internal const uint TypeDirectory = 0x4000;
    internal const uint TypeBlockDevice = 0x6000;
    internal const uint TypeRegular = 0x8000;
    internal const uint TypeSymlink = 0xA000;
    internal const uint TypeSocket = 0xC000;

    internal uint Mask;
    internal uint PreferredBlockSize;
    internal ulong Attributes;
    internal uint LinkCount;
    internal uint User;
    internal uint Group;
    internal ushort Mode;
    private readonly ushort _spare0;
    internal ulong Inode;
    internal ulong Size;
    internal ulong Blocks;
    internal ulong AttributesMask;
    internal StatxTimestamp AccessTime;
    internal StatxTimestamp BirthTime;
    internal StatxTimestamp ChangeTime;
    internal StatxTimestamp ModifyTime;
    internal uint SpecialDeviceMajor;
    internal uint SpecialDeviceMinor;
    internal uint DeviceMajor;
    internal uint DeviceMinor;
    internal ulong MountId;
    internal uint DirectMemoryAlignment;
    internal uint DirectOffsetAlignment;

    internal readonly long Length => (long)Size;

    internal readonly uint Type => Mode & TypeMask;

    internal readonly bool IsRegular => Type == TypeRegular;

    internal readonly bool IsDirectory => Type == TypeDirectory;

    internal readonly bool IsSymlink => Type == TypeSymlink;

    internal readonly bool IsBlockDevice => Type == TypeBlockDevice;

    internal readonly ulong Device => ((ulong)DeviceMajor << 32) | DeviceMinor;

    /// <summary>Bytes really allocated: the kernel counts in units of 512 whatever the block size.</summary>
    internal readonly long AllocatedBytes => (long)Blocks * 512;

    internal readonly bool IsSameFile(in Statx other) => Inode == other.Inode && Device == other.Device;
}
