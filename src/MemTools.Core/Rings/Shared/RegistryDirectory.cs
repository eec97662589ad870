using System.Globalization;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Rings;

/// <summary>
/// The directory in which this user's shared rings have their names. Whoever could write in it could make processes map
/// memory of a stranger's choice, so it is opened without following a link, and must be this user's and closed to others.
/// </summary>
internal static class RegistryDirectory
{
    private const uint PrivateMode = 0x1C0; // 0700

    private const uint ForOthers = 0x3F; // 0077

    private const uint WritableByOthers = 0x12; // 0022

    private static readonly NativePath Product = NativePath.From("memtools");

    private static readonly NativePath Rings = NativePath.From("rings");

    /// <summary>Opens the directory, and makes it where it is not there yet.</summary>
    /// <exception cref="MemToolsException">PermissionDenied: what stands there is not safe to use.</exception>
    /// <exception cref="SystemCallException">It could not be made or opened.</exception>
    internal static Descriptor Open(RuntimePlaces places)
    {
        (Descriptor parent, NativePath path) = OpenProduct(places);
        using (parent)
            return OpenPrivate(parent, Rings, path.Append(Rings));
    }

    private static (Descriptor Directory, NativePath Path) OpenProduct(RuntimePlaces places)
    {
        foreach (string? place in new[] { places.Announced, places.OfUser })
        {
            // The specification of XDG_RUNTIME_DIR has relative paths ignored.
            if (place is not ['/', ..] || OpenOwn(NativePath.From(place)) is not { } own)
                continue;
            using (own)
            {
                NativePath path = NativePath.From(place).Append(Product);
                return (OpenPrivate(own, Product, path), path);
            }
        }

        NativePath fallback = NativePath.From(places.Fallback);
        return (OpenPrivate(Descriptor.WorkingDirectory, fallback, fallback), fallback);
    }

    /// <summary>
    /// A runtime directory that is there and belongs to this user; else null. One that belongs to another is no attack but
    /// what su and sudo leave behind: the variable still names the directory of the user from before.
    /// </summary>
    private static Descriptor? OpenOwn(NativePath path)
    {
        const int flags = OpenFlags.ReadOnly | OpenFlags.NonBlocking;
        long result = FileIO.TryOpen(Descriptor.WorkingDirectory, path, flags | OpenFlags.Directory, 0, out Descriptor? directory);
        if (KernelResult.ErrnoOf(result) is Errno.ENOENT or Errno.EACCES or Errno.ENOTDIR)
            return null;
        SystemCallException.Check(result, "openat", path);
        Statx status = FileMetadata.StatusOf(directory!, path);
        if (status.User == ProcessCalls.EffectiveUser() && (status.Mode & WritableByOthers) == 0)
            return directory;
        directory!.Dispose();
        return status.User != ProcessCalls.EffectiveUser()
            ? null
            : throw Unsafe(path, $"others may write in it (mode {Octal(status.Mode)})", $"chmod 700 '{path}' closes it");
    }

    /// <summary>Opens a directory that this module made, or makes it, and refuses any that others could have prepared.</summary>
    private static Descriptor OpenPrivate(Descriptor parent, NativePath name, NativePath path)
    {
        long made = DirectoryEntries.Make(parent, name, PrivateMode);
        if (KernelResult.ErrnoOf(made) != Errno.EEXIST)
            SystemCallException.Check(made, "mkdirat", path);
        int flags = OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow;
        long result = FileIO.TryOpen(parent, name, flags, 0, out Descriptor? directory);
        if (KernelResult.ErrnoOf(result) is Errno.ELOOP or Errno.ENOTDIR)
            throw Unsafe(path, "it is a symbolic link or no directory", "remove it, or set XDG_RUNTIME_DIR to a directory of your own");
        SystemCallException.Check(result, "openat", path);
        try
        {
            Require(FileMetadata.StatusOf(directory!, path), path);
            return directory!;
        }
        catch
        {
            directory!.Dispose();
            throw;
        }
    }

    private static void Require(in Statx status, NativePath path)
    {
        uint user = ProcessCalls.EffectiveUser();
        if (status.User != user)
        {
            string owner = status.User.ToString(CultureInfo.InvariantCulture);
            throw Unsafe(path, $"it belongs to user {owner}", "set XDG_RUNTIME_DIR to a directory of your own");
        }

        if ((status.Mode & ForOthers) != 0)
            throw Unsafe(path, $"others have access to it (mode {Octal(status.Mode)})", "look at what is in it, and remove it");
    }

    private static MemToolsException Unsafe(NativePath path, string why, string remedy) => new(
        ErrorKind.PermissionDenied,
        $"The names of shared rings would be in '{path}', which is not safe to use: {why}. To go on, {remedy}.");

    private static string Octal(uint mode) => Convert.ToString(mode & 0xFFF, 8).PadLeft(4, '0');
}
