using MemTools.Kernel;
using MemTools.Memory;
using MemTools.Native;
using MemTools.Transfer;
using ScratchFile = MemTools.Transfer.ScratchFile;

namespace MemTools.Experiments.CopyMethods;

/// <summary>Opens the target of each run.</summary>
internal sealed class RunTargets
{
    private readonly ComparisonTarget _kind;
    private readonly NativePath _folder;

    /// <exception cref="SystemCallException">The destination's directory cannot be opened.</exception>
    internal RunTargets(CopyComparisonOptions options)
    {
        _kind = options.Target;
        if (_kind == ComparisonTarget.File)
            _folder = FolderOf(options.Destination!);
    }

    /// <summary>What results call it.</summary>
    internal string Description => _kind switch
    {
        ComparisonTarget.File => _folder.ToString(),
        ComparisonTarget.Null => "/dev/null",
        _ => "TCP over lo",
    };

    internal IRunTarget Open() => _kind switch
    {
        ComparisonTarget.File => new ScratchTarget(_folder),
        ComparisonTarget.Null => new NullTarget(),
        _ => new SocketTarget(),
    };

    /// <summary>The directory itself, or that of the file that is named; such a file is never touched.</summary>
    private static NativePath FolderOf(string destination)
    {
        NativePath path = NativePath.From(destination);
        long result = FileMetadata.Status(Descriptor.WorkingDirectory, path, 0, out Statx status);
        if (result >= 0 && status.IsDirectory)
            return path;
        NativePath parent = destination.EndsWith('/') ? path : path.Parent;
        using Descriptor folder =
            FileIO.Open(Descriptor.WorkingDirectory, parent, OpenFlags.PathOnly | OpenFlags.Directory);
        return parent;
    }

    private sealed class ScratchTarget(NativePath folder) : IRunTarget
    {
        private readonly ScratchFile _file = ScratchFile.Create(folder);

        public CopyEnd End => _file.End;

        public CacheResidency? Residency(long length) => CacheResidency.Of(_file.File, length);

        public long Finish(long sent) => sent;

        public void Dispose() => _file.Dispose();
    }

    private sealed class NullTarget : IRunTarget
    {
        private static readonly NativePath Device = NativePath.From("/dev/null"u8);

        private readonly Descriptor _file = FileIO.Open(Descriptor.WorkingDirectory, Device, OpenFlags.WriteOnly);

        public CopyEnd End => new(_file, Device, HasPositions: false, CanBeCut: false);

        public CacheResidency? Residency(long length) => null;

        public long Finish(long sent) => sent;

        public void Dispose() => _file.Dispose();
    }
}
