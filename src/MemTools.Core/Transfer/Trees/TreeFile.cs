using System.Runtime.CompilerServices;
using MemTools.Kernel;

namespace MemTools.Transfer.Trees;

/// <summary>One regular file of a tree that is to be copied.</summary>
internal sealed class TreeFile
{
    private readonly TreeWorker _worker;

    internal TreeFile(TreeWorker worker, TreeLease directory, NativePath name, DestinationEntry destination)
    {
        _worker = worker;
        Directory = directory;
        Name = name;
        Destination = destination;
    }

    /// <summary>The directories that it is copied from and to.</summary>
    internal TreeLease Directory { get; }

    internal NativePath Name { get; }

    internal DestinationEntry Destination { get; private set; }

    internal TreeWorker Worker => _worker;

    /// <summary>What the worker's copies have in common.</summary>
    internal CopyContext Context => _worker.Context;

    internal CancellationToken Stop => _worker.Stop;

    internal NativePath SourcePath => Directory.SourcePath.Append(Name);

    /// <summary>Asks anew what stands at the destination, before a further try.</summary>
    internal void Refresh() => Destination = Directory.Entry(Destination.Name);

    /// <summary>Copies it as a single file is copied, or links it where -Preserve HardLinks has it.</summary>
    /// <exception cref="TransferException">It was not copied.</exception>
    /// <exception cref="SystemCallException">Likewise.</exception>
    [MethodImpl(Compilation.AtOnce)]
    internal FileTransferResult? Copy() => _worker.CopyRegular(this);
}
