using MemTools.Native;

namespace MemTools.Transfer;

/// <summary>How much a file system still takes (statfs(2)).</summary>
internal static class FreeSpace
{
    private const long Btrfs = 0x9123683E;
    private const long Zfs = 0x2FC12FC1;
    private const long Bcachefs = 0xCA451A4E;

    private static readonly bool Privileged = ProcessCalls.EffectiveUser() == 0;

    /// <summary>
    /// Whether its figures decide anything: a file system that compresses or shares blocks may take more than it
    /// says, and one without a limit (tmpfs, size=0) or without blocks says nothing.
    /// </summary>
    internal static bool CanTell(in StatFs system) =>
        system.Blocks > 0 && system.Type is not (Btrfs or Zfs or Bcachefs);

    /// <summary>Bytes free for this user: the reserve is root's.</summary>
    internal static long Of(in StatFs system) =>
        (long)Math.Min((Privileged ? system.BlocksFree : system.BlocksAvailable) * (ulong)system.BlockSize, long.MaxValue);
}
