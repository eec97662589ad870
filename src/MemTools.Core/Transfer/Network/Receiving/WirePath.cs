using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Transfer.Jobs;
using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Receiving;

/// <summary>What a path from the wire may be. The kernel sees to containment; this refuses what is wrong on its face.</summary>
internal static class WirePath
{
    /// <exception cref="TransferException">NameRefused or NameTooLong.</exception>
    [MethodImpl(Compilation.AtOnce)]
    internal static void Check(ReadOnlySpan<byte> path)
    {
        if (path.IndexOf((byte)0) >= 0)
            throw Refused(path, "it holds a zero byte");
        int depth = 0;
        for (ReadOnlySpan<byte> rest = path; ; depth++)
        {
            int slash = rest.IndexOf((byte)'/');
            CheckComponent(path, slash < 0 ? rest : rest[..slash]);
            if (slash < 0)
                break;
            rest = rest[(slash + 1)..];
        }

        if (depth >= WireLimits.Deepest)
            throw Refused(path, $"it has more than {WireLimits.Deepest} components");
    }

    /// <summary>Where its last component begins.</summary>
    internal static int NameStart(ReadOnlySpan<byte> path) => path.LastIndexOf((byte)'/') + 1;

    /// <summary>Refuses a link that could lead out of the destination, by itself or together with others.</summary>
    /// <param name="path">Where the link will stand.</param>
    /// <param name="target">What it will hold.</param>
    /// <exception cref="TransferException">NameRefused.</exception>
    internal static void CheckTarget(ReadOnlySpan<byte> path, ReadOnlySpan<byte> target)
    {
        if (target.IndexOf((byte)0) >= 0 || target[0] == (byte)'/')
            throw RefusedLink(path, target, "it is not relative");
        int above = path.Count((byte)'/');
        bool descended = false;
        while (!target.IsEmpty)
        {
            int slash = target.IndexOf((byte)'/');
            ReadOnlySpan<byte> component = slash < 0 ? target : target[..slash];
            target = slash < 0 ? default : target[(slash + 1)..];
            if (component.IsEmpty || component.SequenceEqual("."u8))
                continue;
            bool ascends = component.SequenceEqual(".."u8);
            // After a name, which may be a link itself, nobody can tell where ".." leads.
            if (ascends && (descended || --above < 0))
                throw RefusedLink(path, target, "it could lead out of the destination");
            descended |= !ascends;
        }
    }

    [MethodImpl(Compilation.AtOnce)]
    private static void CheckComponent(ReadOnlySpan<byte> path, ReadOnlySpan<byte> component)
    {
        if (component.IsEmpty)
            throw Refused(path, "it is absolute, or has an empty component");
        if (component.SequenceEqual("."u8) || component.SequenceEqual(".."u8))
            throw Refused(path, "'.' and '..' are no names");
        if (component.Length > WireLimits.LongestComponent)
            throw new TransferException(ErrorKind.NameTooLong, $"'{Show(path)}' has a component of {component.Length} bytes, and {WireLimits.LongestComponent} is the most.");
        if (TemporaryName.Matches(component) || PartialName.Matches(component))
            throw Refused(path, "unfinished files have such names");
    }

    internal static string Show(ReadOnlySpan<byte> path) => NativePath.From(path).ToString();

    private static TransferException Refused(ReadOnlySpan<byte> path, string why) =>
        new(ErrorKind.NameRefused, $"'{Show(path)}' was refused: {why}.");

    private static TransferException RefusedLink(ReadOnlySpan<byte> path, ReadOnlySpan<byte> target, string why) =>
        new(ErrorKind.NameRefused, $"The link '{Show(path)}' to '{Show(target)}' was refused: {why}.");
}
