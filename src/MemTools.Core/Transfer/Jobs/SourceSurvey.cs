using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer.Jobs;

/// <summary>
/// Counts what a job has before it, on a thread of its own, so that progress can tell the time left: the workers come
/// across a file only when they begin with it. What cannot be looked at is not counted; the workers tell of that.
/// </summary>
internal sealed class SourceSurvey : IDisposable
{
    /// <summary>Jobs that end sooner need none.</summary>
    private static readonly TimeSpan BegunAfter = TimeSpan.FromSeconds(1);

    private readonly Descriptor _root;
    private readonly TreeCopyOptions _options;
    private readonly TreeFilter _filter;
    private readonly ProtectedNames _names;
    private Thread? _thread;
    private long _files;
    private long _bytes;
    private volatile bool _stopped;
    private volatile bool _complete;

    /// <param name="root">The source, open until this is disposed.</param>
    /// <param name="options">Which items belong to the job.</param>
    internal SourceSurvey(Descriptor root, TreeCopyOptions options)
    {
        _root = root;
        _options = options;
        _filter = new(options);
        _names = new(options);
    }

    /// <summary>Adds what is known of the whole to what the workers have seen.</summary>
    internal TreeProgress Complete(in TreeProgress seen)
    {
        if (_thread is null && seen.Elapsed >= BegunAfter)
            Begin();
        return !_complete ? seen : seen with
        {
            FilesFound = Math.Max(_files, seen.FilesFound),
            BytesFound = Math.Max(_bytes, seen.BytesFound),
            FoundAll = true,
        };
    }

    public void Dispose()
    {
        _stopped = true;
        _thread?.Join();
    }

    private void Begin()
    {
        _thread = new Thread(Count) { IsBackground = true, Name = "memtools survey" };
        _thread.Start();
    }

    private void Count()
    {
        bool known = FileMetadata.Status(_root, out Statx root) == 0;
        Stack<NativePath> directories = new([NativePath.Empty]);
        while (!_stopped && directories.TryPop(out NativePath directory))
            Look(directory, known && _options.OneFileSystem ? root.Device : null, directories);
        _complete = !_stopped;
    }

    private void Look(NativePath relative, ulong? device, Stack<NativePath> directories)
    {
        NativePath path = relative.IsEmpty ? DestinationFolder.Itself : relative;
        int flags = OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow;
        if (FileIO.TryOpen(_root, path, flags, 0, out Descriptor? opened) < 0)
            return;
        using Descriptor directory = opened!;
        _ = DirectoryEntries.List(directory, (name, _) =>
        {
            if (!_stopped && !name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                Look(directory, relative, NativePath.From(name), device, directories);
        });
    }

    private void Look(Descriptor directory, NativePath above, NativePath name, ulong? device, Stack<NativePath> directories)
    {
        if (FileMetadata.Status(directory, name, MetadataCalls.AtNoFollow, out Statx status) < 0)
            return;
        NativePath relative = above.IsEmpty ? name : above.Append(name);
        if (_names.Contain(relative, status.IsDirectory))
            return;
        if (status.IsDirectory && status.Device == (device ?? status.Device))
        {
            directories.Push(relative);
        }
        else if (status.IsRegular && _filter.SelectsStatus(status))
        {
            _files++;
            _bytes += status.Length;
        }
    }
}
