using System.Runtime.CompilerServices;
using MemTools.Kernel;

namespace MemTools.Transfer.Trees;

/// <summary>A directory of a tree for as long as somebody works in it: both its descriptors stay open.</summary>
internal sealed class TreeLease : IDisposable
{
    private NativePath? _sourcePath;
    private NativePath? _destinationPath;
    private bool _disposed;

    internal TreeLease(TreeDirectory directory) => Directory = directory;

    internal TreeDirectory Directory { get; }

    /// <summary>The source directory, open for listing.</summary>
    internal Descriptor Source => Directory.Source;

    /// <summary>The destination directory, made where it is missing; null only where nothing is to be made.</summary>
    internal Descriptor? Destination => Directory.Destination();

    internal NativePath SourcePath => _sourcePath ??= Directory.SourcePath();

    internal NativePath DestinationPath => _destinationPath ??= Directory.DestinationPath();

    /// <summary>The entry that a name becomes, and what stands there now.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal DestinationEntry Entry(NativePath name)
    {
        Descriptor? destination = Destination;
        Directory.Prepare();
        return destination is null || Directory.IsBare
            ? DestinationEntry.Missing(destination ?? Descriptor.None, DestinationPath, name)
            : new(destination, DestinationPath, name);
    }

    public void Dispose()
    {
        if (!_disposed)
            Directory.Release();
        _disposed = true;
    }
}
