using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>What was made of one file: a result, or why there is none.</summary>
/// <typeparam name="T">The result.</typeparam>
/// <param name="Name">The path of the file or folder.</param>
/// <param name="Result">Null where it failed.</param>
/// <param name="Failure">Null where it did not.</param>
internal readonly record struct FileOutcome<T>(NativePath Name, T? Result, Exception? Failure)
{
    /// <summary>The file or folder.</summary>
    internal string Path => Name.ToString();
}

/// <summary>
/// A file, or all files below a folder, and some work to do on each: several at a time, since each is but a few
/// calls. Links below the folder are not followed, and what is neither file nor folder is passed over.
/// </summary>
/// <typeparam name="T">The result of the work.</typeparam>
internal sealed class FileSelection<T>
{
    /// <summary>Few enough that the first results come soon, enough to keep every processor busy.</summary>
    private const int Batch = 1024;

    /// <summary>Done at a time: some ten microseconds and more.</summary>
    private const int Step = 8;

    /// <summary>Fewer are not worth waking other threads for.</summary>
    private const int SharedFrom = 32;

    private readonly Func<CachedFile, T> _work;
    private readonly CancellationToken _stop;
    private long _done;

    internal FileSelection(Func<CachedFile, T> work, CancellationToken stop)
    {
        _work = work;
        _stop = stop;
    }

    /// <summary>Told of a file, and how many are done, whenever some more are: often, and by any thread.</summary>
    internal Action<NativePath, long>? Progress { get; init; }

    /// <summary>One file.</summary>
    internal FileOutcome<T> One(string path)
    {
        NativePath native = NativePath.From(path);
        return Do(Descriptor.WorkingDirectory, native, native, isNamed: true);
    }

    /// <summary>All below a folder, folder by folder, by name; the file itself where it is one.</summary>
    internal IEnumerable<FileOutcome<T>> Below(string path)
    {
        if (!Directory.Exists(path))
            return [One(path)];
        return BelowFolder(NativePath.From(path));
    }

    private IEnumerable<FileOutcome<T>> BelowFolder(NativePath root)
    {
        Stack<NativePath> folders = new([root]);
        while (folders.TryPop(out NativePath path))
        {
            _stop.ThrowIfCancellationRequested();
            using FolderContent content = FolderContent.Read(path, follow: path.Bytes.SequenceEqual(root.Bytes));
            if (content.Failure is { } failure)
                yield return new(path, default, failure);
            foreach (FileOutcome<T> outcome in FilesOf(content))
                yield return outcome;

            // The first on top.
            foreach (NativePath folder in content.Folders.AsEnumerable().Reverse())
                folders.Push(path.Append(folder));
        }
    }

    /// <summary>While somebody looks at the results of one batch, helpers are at the next.</summary>
    private IEnumerable<FileOutcome<T>> FilesOf(FolderContent folder)
    {
        int next = Math.Min(Batch, folder.Files.Count);
        FileOutcome<T>[] outcomes = new FileOutcome<T>[next];
        SharedLoop? loop = Begin(folder, 0, outcomes);
        try
        {
            while (outcomes.Length > 0)
            {
                loop.Finish();
                FileOutcome<T>[] done = outcomes;
                outcomes = new FileOutcome<T>[Math.Min(Batch, folder.Files.Count - next)];
                loop = Begin(folder, next, outcomes);
                next += outcomes.Length;
                foreach (FileOutcome<T> outcome in done)
                    yield return outcome;
            }
        }
        finally
        {
            loop.Abandon();
        }
    }

    private SharedLoop Begin(FolderContent folder, int first, FileOutcome<T>[] outcomes)
    {
        int helpers = outcomes.Length < SharedFrom ? 0 : Environment.ProcessorCount - 1;
        return SharedLoop.Start((outcomes.Length + Step - 1) / Step, helpers, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (step) =>
        {
            int end = Math.Min(((int)step + 1) * Step, outcomes.Length);
            for (int i = (int)step * Step; i < end; i++)
            {
                NativePath name = folder.Files[first + i];
                outcomes[i] = Do(folder.Directory!, name, folder.Path.Append(name), isNamed: false);
            }

            long done = Interlocked.Add(ref _done, end - ((int)step * Step));
            Progress?.Invoke(outcomes[end - 1].Name, done);
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private FileOutcome<T> Do(Descriptor folder, NativePath name, NativePath path, bool isNamed)
    {
        _stop.ThrowIfCancellationRequested();
        try
        {
            using CachedFile file = isNamed ? CachedFile.Open(path) : CachedFile.Open(folder, name, path);
            return new(path, _work(file), null);
        }
        catch (Exception e) when (e is IHasErrorKind)
        {
            return new(path, default, e);
        }
    }
}
