namespace MemTools.Memory;

/// <summary>The first line of a region in /proc/PID/maps and smaps.</summary>
internal readonly record struct RegionHeader(
    ulong Start, ulong End, string Permissions, long Offset, string Device, ulong Inode, RegionBacking Backing);
