using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Trees;

/// <summary>
/// Finds out whether a directory takes two names for one, as those do that do not tell capitals from small letters
/// (vfat, NTFS, CIFS, ext4 with casefold): by looking for a name that is there with another letter.
/// </summary>
internal sealed class NameProbe
{
    private NativePath? _name;
    private bool _any;

    /// <summary>Takes a name that stands in the directory.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal void Look(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("."u8) || name.SequenceEqual(".."u8) || TemporaryName.Matches(name))
            return;
        _any = true;
        if (_name is null && LetterIn(name) >= 0)
            _name = NativePath.From(name);
    }

    /// <summary>What the names looked at, and the file system, tell.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal DestinationNames Answer(Descriptor directory, bool listedWhole)
    {
        if (!_any && listedWhole)
            return DestinationNames.None;
        // Without a letter among them nothing can be told; that is rare, and being careful costs little.
        return _name is { } name && !IsFoundOtherwise(directory, name) ? DestinationNames.Apart : DestinationNames.MayBeOne;
    }

    /// <summary>Whether a name leads to the same file with a letter changed from small to capital, or back.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal static bool IsFoundOtherwise(Descriptor directory, NativePath name)
    {
        byte[] other = name.Bytes.ToArray();
        int letter = LetterIn(other);
        if (letter < 0)
            return false;
        other[letter] ^= 0x20;
        return FileMetadata.Status(directory, NativePath.From(other), MetadataCalls.AtNoFollow, out Statx found) == 0
            && FileMetadata.Status(directory, name, MetadataCalls.AtNoFollow, out Statx known) == 0
            && found.IsSameFile(known);
    }

    private static int LetterIn(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < name.Length; i++)
        {
            if (char.IsAsciiLetter((char)name[i]))
                return i;
        }

        return -1;
    }
}

/// <summary>What is known of the names in a destination directory before anything is copied there.</summary>
internal enum DestinationNames
{
    /// <summary>Not asked yet.</summary>
    Unknown,

    /// <summary>There are none: whatever turns up is of this run, or of a program that works there at the same time.</summary>
    None,

    /// <summary>Different names are different files.</summary>
    Apart,

    /// <summary>Different names may be one file.</summary>
    MayBeOne,
}
