using System.Globalization;
using System.Numerics;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Rings;

/// <summary>
/// Looks at memory that a stranger made before any of it is mapped: touching pages that can be cut off, or that were never
/// allocated, would raise SIGBUS and end the shell, and sizes that lie would lead out of the mapping.
/// </summary>
internal static unsafe class RingVerification
{
    /// <summary>What every ring is sealed with. Only a memfd can carry all three: other files in memory are born with F_SEAL_SEAL alone.</summary>
    private const nint Seals = MemoryFileCalls.SealShrink | MemoryFileCalls.SealGrow | MemoryFileCalls.SealSeals;

    /// <summary>Checks all that is fixed when a ring is made; what changes is checked each time it is read.</summary>
    /// <param name="memory">The descriptor that was handed over.</param>
    /// <param name="name">What the ring is called, for messages.</param>
    /// <returns>Where its parts are, from one look at the header: a second look could find other numbers.</returns>
    /// <exception cref="MemToolsException">
    /// Corrupted: it is no ring, or a damaged one. NotSupported: one of another version or processor. PermissionDenied:
    /// one of another user.
    /// </exception>
    internal static RingLayout Check(Descriptor memory, string name)
    {
        Statx status = FileMetadata.StatusOf(memory, NativePath.From(name));
        RequireSealed(memory, status, name);
        RingHeader header = ReadHeader(memory, name);
        if (header.Magic != RingHeader.ExpectedMagic)
            throw Corrupted(name, "it does not begin as a ring does");
        if (header.Version != RingHeader.CurrentVersion)
        {
            throw Unsupported(name, $"its layout is version {header.Version}, and this module knows {RingHeader.CurrentVersion}; use the same version on both sides");
        }

        if (header.PidNamespace != PidNamespace.Current)
        {
            throw Unsupported(
                name, "it was made in another PID namespace (a container), where a dead peer could not be told from a living one; run both sides in the same");
        }

        RequireSizes(header, status, name);
        if (!Enum.IsDefined((RingMode)header.Mode) || !Enum.IsDefined((RingFullAction)header.WhenFull))
            throw Corrupted(name, "its mode is none that there is");
        return new(header.HeaderLength, (long)header.Capacity, (RingMode)header.Mode, (RingFullAction)header.WhenFull);
    }

    private static void RequireSealed(Descriptor memory, in Statx status, string name)
    {
        if (!status.IsRegular)
            throw Corrupted(name, "it is no memory but a device, pipe or directory");
        if (status.User != ProcessCalls.EffectiveUser())
        {
            string owner = status.User.ToString(CultureInfo.InvariantCulture);
            throw new MemToolsException(ErrorKind.PermissionDenied, $"The ring '{name}' is refused: its memory belongs to user {owner}.");
        }

        long seals = KernelResult.Of(FileCalls.Control(memory, MemoryFileCalls.GetSeals, 0));
        if (seals < 0)
            throw Corrupted(name, "it is a file, not a memfd");
        if ((seals & Seals) != Seals)
            throw Corrupted(name, "it is not sealed, so that whoever made it could cut it short and end this process by SIGBUS");
        if (status.AllocatedBytes < status.Length)
            throw Corrupted(name, "not all of its pages are allocated");
    }

    private static RingHeader ReadHeader(Descriptor memory, string name)
    {
        RingHeader header;
        long length = SystemCallException.Check(
            FileIO.ReadAt(memory, (nint)(&header), sizeof(RingHeader), 0), "pread", NativePath.From(name));
        return length == sizeof(RingHeader) ? header : throw Corrupted(name, $"it has only {length} bytes");
    }

    private static void RequireSizes(in RingHeader header, in Statx status, string name)
    {
        long page = Environment.SystemPageSize;
        if (header.HeaderLength != page)
            throw Corrupted(name, $"its data begin at byte {header.HeaderLength}, and not at {page}, the size of a page");
        // Compared before anything is computed, so that nothing overflows.
        if (header.Capacity > RingMemory.LargestCapacity || !BitOperations.IsPow2(header.Capacity) || (long)header.Capacity < page)
            throw Corrupted(name, $"its capacity, {header.Capacity}, is no power of two from {page} on");
        long length = header.HeaderLength + (long)header.Capacity;
        if (status.Length != length)
            throw Corrupted(name, $"it has {status.Length} bytes where its header speaks of {length}");
    }

    private static MemToolsException Corrupted(string name, string why) =>
        new(ErrorKind.Corrupted, $"The memory of the ring '{name}' is refused: {why}.");

    private static MemToolsException Unsupported(string name, string why) =>
        new(ErrorKind.NotSupported, $"The ring '{name}' cannot be used here: {why}.");
}

/// <summary>What a verified header says.</summary>
/// <param name="HeaderLength">Bytes before the data.</param>
/// <param name="Capacity">Bytes of data: a power of two, whole pages.</param>
/// <param name="Mode">Stream or records.</param>
/// <param name="WhenFull">What a write does where there is no room.</param>
internal readonly record struct RingLayout(long HeaderLength, long Capacity, RingMode Mode, RingFullAction WhenFull);
