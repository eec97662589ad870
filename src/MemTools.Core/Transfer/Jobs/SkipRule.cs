using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Jobs;

/// <summary>
/// Decides by the two statuses alone whether a file is copied already. A file system that keeps times coarsely cuts
/// them down, so the times are the same where the destination's is the source's, cut to a unit of which it is a
/// whole multiple. The unit is read from the destination's time itself, since few file systems tell it.
/// </summary>
internal readonly struct SkipRule
{
    private const long VfatMagic = 0x4d44;

    /// <summary>Hundreds (NTFS, CIFS), a microsecond (UDF), 10 ms (exFAT), a second (ext4 with small inodes, HFS+).</summary>
    private static readonly uint[] Units = [100, 1000, 10_000_000];

    private readonly SkipWhen _when;
    private readonly bool _twoSeconds;

    /// <param name="when">What the user asked for.</param>
    /// <param name="destination">Anything open on the destination's file system.</param>
    internal SkipRule(SkipWhen when, Descriptor destination)
    {
        _when = when;
        // Only vfat counts in pairs of seconds; elsewhere an even second is as likely as an odd one.
        _twoSeconds = FileMetadata.FileSystem(destination, out StatFs system) == 0 && system.Type == VfatMagic;
    }

    /// <summary>What becomes of a regular file whose destination is a regular file too.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal SkipAnswer Ask(in Statx source, in Statx destination) => _when switch
    {
        SkipWhen.SameSizeAndTime => IsUpToDate(source, destination),
        SkipWhen.Newer when IsLater(destination.ModifyTime, source.ModifyTime) => SkipAnswer.Skip,
        SkipWhen.Newer => IsUpToDate(source, destination),
        SkipWhen.SameHash when source.Size == destination.Size => SkipAnswer.CompareContent,
        _ => SkipAnswer.Copy,
    };

    /// <summary>Whether a time that was set to the source's can have become the destination's.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal bool IsSameTime(StatxTimestamp source, StatxTimestamp destination)
    {
        if (source.Equals(destination))
            return true;
        if (_twoSeconds && destination.Nanoseconds == 0 && (source.Seconds & ~1L) == destination.Seconds)
            return true;
        if (source.Seconds != destination.Seconds)
            return false;
        if (destination.Nanoseconds == 0)
            return true;
        foreach (uint unit in Units)
        {
            if (destination.Nanoseconds == source.Nanoseconds / unit * unit)
                return true;
        }

        return false;
    }

    private SkipAnswer IsUpToDate(in Statx source, in Statx destination) =>
        source.Size == destination.Size && IsSameTime(source.ModifyTime, destination.ModifyTime)
            ? SkipAnswer.Skip
            : SkipAnswer.Copy;

    private static bool IsLater(StatxTimestamp time, StatxTimestamp than) =>
        time.Seconds != than.Seconds ? time.Seconds > than.Seconds : time.Nanoseconds > than.Nanoseconds;
}

/// <summary>What a <see cref="SkipRule"/> makes of two statuses.</summary>
internal enum SkipAnswer
{
    /// <summary>It has to be copied.</summary>
    Copy,

    /// <summary>It is there already.</summary>
    Skip,

    /// <summary>Only the bytes can tell.</summary>
    CompareContent,
}
