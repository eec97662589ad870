using MemTools.Kernel;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer.Network.Sending;

/// <summary>The directories in which the sources stand that a user named. Sources of one directory share it.</summary>
internal sealed class SourceRoots(TreeRun run, bool follow) : IDisposable
{
    private readonly List<(TreeDirectory Root, List<(NativePath Source, NativePath Destination)> Names)> _roots = [];
    private readonly List<Descriptor> _directories = [];
    private NativePath _last;

    internal IReadOnlyList<(TreeDirectory Root, List<(NativePath Source, NativePath Destination)> Names)> All => _roots;

    /// <summary>Adds a source; one that cannot be found is an outcome of the run.</summary>
    internal void Add(string source)
    {
        try
        {
            AddFound(source);
        }
        catch (ArgumentException e)
        {
            Report(source, new(ErrorKind.Misuse, e.Message, e));
        }
        catch (SystemCallException e)
        {
            Report(source, new(e.Kind, e.Message + ".", e));
        }
        catch (TransferException e)
        {
            Report(source, e);
        }
    }

    public void Dispose()
    {
        foreach (Descriptor directory in _directories)
            directory.Dispose();
    }

    private void AddFound(string source)
    {
        NativePath path = NativePath.From(source);
        bool isPlain = !source.EndsWith('/') && !path.Name.Bytes.SequenceEqual("."u8) && !path.Name.Bytes.SequenceEqual(".."u8);
        if (isPlain && _roots.Count > 0 && path.Parent.Bytes.SequenceEqual(_last.Bytes))
        {
            // Whether it is there shows in the walk.
            _roots[^1].Names.Add((path.Name, path.Name));
            return;
        }

        using TreeSource found = TreeSource.Open(source, follow);
        Descriptor directory = found.Detach();
        _directories.Add(directory);
        _last = found.DirectoryPath;
        _roots.Add((new(run, directory, found.DirectoryPath, null, NativePath.Empty), [(found.Name, found.CopyName)]));
    }

    private void Report(string source, TransferException error) => run.Results.Add([new() { Source = source, Error = error }]);
}
