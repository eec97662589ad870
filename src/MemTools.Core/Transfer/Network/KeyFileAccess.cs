using System.Buffers.Binary;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Network;

/// <summary>
/// Whether nobody but its owner and one user can use a file. Credentials that systemd hands to a service (LoadCredential=)
/// belong to root, and an access control list (acl(5)) lets the service's user read them: then the bits of the group in the
/// mode are the list's mask, and say nothing of a group.
/// </summary>
internal static class KeyFileAccess
{
    private const uint OthersBits = 0x3F;
    private const uint GroupMayRead = 0x20;

    // The layout of the attribute is that of linux/posix_acl_xattr.h: a version, then entries of tag, permissions, id.
    private const int HeaderSize = 4;
    private const int EntrySize = 8;
    private const int UserTag = 0x02;
    private const int GroupOfFileTag = 0x04;
    private const int GroupTag = 0x08;
    private const int OthersTag = 0x20;

    internal static bool IsPrivate(Descriptor file, in Statx status, uint user)
    {
        uint shared = status.Mode & OthersBits;
        return shared == 0 || (shared == GroupMayRead && ListNamesOnly(file, user));
    }

    private static bool ListNamesOnly(Descriptor file, uint user)
    {
        if (ExtendedAttributes.Get(file, ExtendedAttributes.AccessControlList, out byte[] list) < 0 || list.Length < HeaderSize)
            return false;
        for (ReadOnlySpan<byte> rest = list.AsSpan(HeaderSize); rest.Length >= EntrySize; rest = rest[EntrySize..])
        {
            if (!IsHarmless(rest, user))
                return false;
        }

        return true;
    }

    private static bool IsHarmless(ReadOnlySpan<byte> entry, uint user)
    {
        bool grantsNothing = BinaryPrimitives.ReadUInt16LittleEndian(entry[2..]) == 0;
        return BinaryPrimitives.ReadUInt16LittleEndian(entry) switch
        {
            UserTag => grantsNothing || BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]) == user,
            GroupOfFileTag or GroupTag or OthersTag => grantsNothing,
            _ => true,
        };
    }
}
