using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Jobs;

/// <summary>A directory on the way down through what is to go: open, and how far one has got in it.</summary>
internal sealed class DeleteLevel : IDisposable
{
    private readonly List<NativePath> _children;
    private readonly bool _owns;
    private int _next;

    private DeleteLevel(Descriptor directory, NativePath name, NativePath relative, in Statx status, List<NativePath> children, bool owns)
    {
        Directory = directory;
        Name = name;
        Relative = relative;
        Status = status;
        _children = children;
        _owns = owns;
    }

    internal Descriptor Directory { get; }

    /// <summary>Its name in the level above.</summary>
    internal NativePath Name { get; }

    /// <summary>Its path from the root.</summary>
    internal NativePath Relative { get; }

    internal Statx Status { get; }

    /// <summary>False as soon as something in it stays.</summary>
    internal bool IsEmptied { get; set; } = true;

    /// <summary>A directory of which one name is to go; it stays open.</summary>
    internal static DeleteLevel Above(Descriptor directory, NativePath name) =>
        new(directory, NativePath.Empty, NativePath.Empty, default, [name], owns: false);

    /// <summary>A directory all of which is to go; closed when one is done with it.</summary>
    internal static DeleteLevel Of(Descriptor directory, NativePath name, NativePath relative, in Statx status, List<NativePath> children) =>
        new(directory, name, relative, status, children, owns: true);

    internal bool TryNext(out NativePath child)
    {
        bool more = _next < _children.Count;
        child = more ? _children[_next++] : NativePath.Empty;
        return more;
    }

    public void Dispose()
    {
        if (_owns)
            Directory.Dispose();
    }
}
