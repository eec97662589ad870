using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer.Jobs;

/// <summary>
/// Brings extended attributes and access control lists of a file up to date whose bytes are the source's already. No
/// status tells of them, so both files are asked: one call each where they have none.
/// </summary>
internal readonly struct AttributeRefresh
{
    private const string Capabilities = "security.capability";

    private readonly PreserveItems _preserve;
    private readonly bool _follow;

    internal AttributeRefresh(PreserveItems preserve, bool follow)
    {
        _preserve = preserve;
        _follow = follow;
    }

    /// <summary>Whether the two can differ at all.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal bool IsNeeded(in TreeItem item) =>
        (_preserve & (PreserveItems.Xattr | PreserveItems.Acl)) != 0
        && (_follow || HasAny(item.Directory.Source, item.Name) || HasAny(item.Destination.Directory, item.Destination.Name));

    /// <summary>Sets and removes what differs.</summary>
    /// <param name="item">The two files.</param>
    /// <param name="destination">The one that is brought up to date, open.</param>
    /// <returns>Whether anything differed.</returns>
    /// <exception cref="SystemCallException">Some of it could not be read or set.</exception>
    internal bool Apply(in TreeItem item, Descriptor destination)
    {
        NativePath sourcePath = item.Directory.SourcePath.Append(item.Name);
        using SourceFile source = SourceFile.OpenRegular(item.Directory.Source, item.Name, sourcePath, _follow);
        Dictionary<string, byte[]> wanted = Read(source.File, sourcePath);
        Dictionary<string, byte[]> present = Read(destination, item.Destination.Path);
        bool differed = false;
        foreach ((string name, byte[] value) in wanted)
        {
            if (present.TryGetValue(name, out byte[]? old) && old.AsSpan().SequenceEqual(value))
                continue;
            SystemCallException.Check(ExtendedAttributes.Set(destination, name, value), "fsetxattr", item.Destination.Path);
            differed = true;
        }

        foreach (string name in present.Keys.Where(name => !wanted.ContainsKey(name) && IsUsers(name)))
        {
            SystemCallException.Check(ExtendedAttributes.Remove(destination, name), "fremovexattr", item.Destination.Path);
            differed = true;
        }

        return differed;
    }

    /// <summary>An error is an answer for whoever opens the file.</summary>
    private static bool HasAny(Descriptor directory, NativePath name) => ExtendedAttributes.ListSize(directory, name) != 0;

    private Dictionary<string, byte[]> Read(Descriptor file, NativePath path)
    {
        Dictionary<string, byte[]> attributes = new(StringComparer.Ordinal);
        SystemCallException.Check(ExtendedAttributes.List(file, out string[] names), "flistxattr", path);
        foreach (string name in names.Where(IsPreserved))
        {
            long result = ExtendedAttributes.Get(file, name, out byte[] value);
            // ENODATA: removed a moment ago.
            if (KernelResult.ErrnoOf(result) == Errno.ENODATA)
                continue;
            SystemCallException.Check(result, "fgetxattr", path);
            attributes[name] = value;
        }

        return attributes;
    }

    /// <summary>The same that a copy would take along: capabilities only together with the owner.</summary>
    private bool IsPreserved(string name) => name switch
    {
        ExtendedAttributes.AccessControlList => _preserve.HasFlag(PreserveItems.Acl),
        Capabilities => _preserve.HasFlag(PreserveItems.Xattr) && _preserve.HasFlag(PreserveItems.Ownership),
        _ => _preserve.HasFlag(PreserveItems.Xattr),
    };

    /// <summary>Whether it goes where the source has none: labels of the system stay.</summary>
    private static bool IsUsers(string name) => name is ExtendedAttributes.AccessControlList or Capabilities
        || !(name.StartsWith("security.", StringComparison.Ordinal) || name.StartsWith("system.", StringComparison.Ordinal));
}
