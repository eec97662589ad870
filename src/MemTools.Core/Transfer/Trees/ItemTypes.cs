using System.Runtime.CompilerServices;
using MemTools.Native;

namespace MemTools.Transfer.Trees;

/// <summary>What kinds of files are called in results and in messages.</summary>
internal static class ItemTypes
{
    [MethodImpl(Compilation.AtOnce)]
    internal static string NameOf(uint type) => type switch
    {
        Statx.TypeDirectory => "Directory",
        Statx.TypeSymlink => "SymbolicLink",
        Statx.TypeFifo => "Fifo",
        Statx.TypeSocket => "Socket",
        Statx.TypeBlockDevice => "BlockDevice",
        Statx.TypeCharacterDevice => "CharacterDevice",
        _ => "File",
    };

    internal static string InWords(uint type) => type switch
    {
        Statx.TypeDirectory => "directory",
        Statx.TypeSymlink => "symbolic link",
        Statx.TypeFifo => "FIFO",
        Statx.TypeSocket => "socket",
        Statx.TypeBlockDevice => "block device",
        Statx.TypeCharacterDevice => "character device",
        _ => "file",
    };
}
