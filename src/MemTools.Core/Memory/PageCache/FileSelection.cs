using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>What was made of one file: a result, or why there is none.</summary>
/// <typeparam name="T">The result.</typeparam>
/// <param name="Path">The file or folder.</param>
/// <param name="Result">Null where it failed.</param>
/// <param name="Failure">Null where it did not.</param>
internal readonly record struct FileOutcome<T>(string Path, T? Result, Exception? Failure);

/// <summary>
/// A file, or all files below a folder, and some work to do on each: several at a time, since each is but a few
/// calls. Links below the folder are not followed, and what is neither file nor folder is passed over.
/// </summary>
/// <typeparam name="T">The result of the work.</typeparam>
internal sealed class FileSelection<T>
{
    /// <summary>Few enough that the first results come soon, enough to keep every processor busy.</summary>
    private const int Batch = 1024;

    /// <summary>Fewer are not worth waking other threads for.</summary>
    private const int SharedFrom = 32;

    private readonly Func<CachedFile, T> _work;
    private readonly CancellationToken _stop;

    internal FileSelection(Func<CachedFile, T> work, CancellationToken stop)
    {
        _work = work;
        _stop = stop;
    }

    /// <summary>One file.</summary>
    internal FileOutcome<T> One(string path)
    {
        NativePath native = NativePath.From(path);
        return Do(native, () => CachedFile.Open(native));
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
                yield return new(path.ToString(), default, failure);
            foreach (NativePath[] names in content.Files.Chunk(Batch))
            {
                foreach (FileOutcome<T> outcome in DoAll(content, names))
                    yield return outcome;
            }

            // The first on top.
            foreach (NativePath folder in content.Folders.AsEnumerable().Reverse())
                folders.Push(path.Append(folder));
        }
    }

    private FileOutcome<T>[] DoAll(FolderContent folder, NativePath[] names)
    {
        FileOutcome<T>[] outcomes = new FileOutcome<T>[names.Length];
        void DoOne(int i)
        {
            NativePath path = folder.Path.Append(names[i]);
            outcomes[i] = Do(path, () => CachedFile.Open(folder.Directory!, names[i], path));
        }

        if (names.Length >= SharedFrom)
        {
            Parallel.For(0, names.Length, new() { CancellationToken = _stop }, DoOne);
            return outcomes;
        }

        for (int i = 0; i < names.Length; i++)
            DoOne(i);
        return outcomes;
    }

    private FileOutcome<T> Do(NativePath path, Func<CachedFile> open)
    {
        _stop.ThrowIfCancellationRequested();
        try
        {
            using CachedFile file = open();
            return new(path.ToString(), _work(file), null);
        }
        catch (Exception e) when (e is IHasErrorKind)
        {
            return new(path.ToString(), default, e);
        }
    }
}
