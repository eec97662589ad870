using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Trees;

/// <summary>
/// Copies trees and files to one destination, nesting as Copy-Item does: what Copy-FileZeroCopy -Recurse and
/// <c>memtools copy -r</c> do. Not for several threads; each copy works with threads of its own.
/// </summary>
public sealed class TreeCopySession
{
    private readonly string _destination;
    private string? _becameCopyOf;

    /// <summary>Prepares a session; nothing is opened or created before the first copy.</summary>
    /// <param name="destination">
    /// A directory that gets the sources, each under its name; or a path where nothing is yet, which the one source becomes.
    /// </param>
    /// <param name="options">How to copy.</param>
    /// <exception cref="ArgumentException">Options contradict each other, a pattern is none, or the path cannot be one.</exception>
    public TreeCopySession(string destination, TreeCopyOptions options)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Contradiction is { } contradiction)
            throw new ArgumentException(contradiction, nameof(options));
        _ = NativePath.From(destination);
        _ = new TreeFilter(options);
        _destination = destination;
        Options = options;
    }

    /// <summary>How this session copies.</summary>
    public TreeCopyOptions Options { get; }

    /// <summary>Whether outcomes tell what -Verbose shows.</summary>
    public bool WantsVerbose { get; init; }

    /// <summary>Begins to copy a tree or a file.</summary>
    /// <param name="source">Its path. A slash at its end follows a symbolic link, whatever the options say.</param>
    /// <param name="idle">Called once, on some thread, when the copy has ended and everything is in order.</param>
    /// <param name="stop">Stops the copy.</param>
    /// <exception cref="TransferException">The copy cannot begin: nothing has been made.</exception>
    public TreeTransfer Copy(string source, Action? idle = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        try
        {
            return Begin(source, idle, stop);
        }
        catch (ArgumentException e)
        {
            throw new TransferException(ErrorKind.Misuse, e.Message, e);
        }
        catch (SystemCallException e)
        {
            throw new TransferException(e.Kind, e.Message + ".", e);
        }
    }

    private TreeTransfer Begin(string source, Action? idle, CancellationToken stop)
    {
        using TreeSource from = TreeSource.Open(source, Options.Symlink == SymlinkMode.Follow);
        if (_becameCopyOf is { } earlier)
        {
            throw new TransferException(
                ErrorKind.WouldOverwrite,
                $"'{_destination}' did not exist and became the copy of '{earlier}', so '{source}' cannot go there too. To copy several into a new directory, create it first.");
        }

        DestinationFolder? folder = OpenDestination(from);
        try
        {
            NativePath name = folder is null ? NativePath.From(_destination).Name : folder.FileName ?? from.CopyName;
            RefuseSelf(from, folder, name);
            TreeRun run = new(Options, new TreePolicy(), idle, stop) { WantsVerbose = WantsVerbose };
            NativePath destinationPath = folder?.Path ?? NativePath.From(_destination).Parent;
            TreeDirectory root = new(run, from.Detach(), from.DirectoryPath, folder?.Directory, destinationPath);
            if (folder is null or { FileName: not null })
                _becameCopyOf = source;
            run.Start(root, from.Name, name);
            return folder is null ? new(run, root.Source) : new(run, root.Source, folder);
        }
        catch
        {
            folder?.Dispose();
            throw;
        }
    }

    /// <summary>The destination's directory; null where nothing is to be made and it is missing.</summary>
    private DestinationFolder? OpenDestination(TreeSource from)
    {
        string destination = from.Status.IsDirectory ? _destination.TrimEnd('/') : _destination;
        if (destination.Length == 0)
            destination = "/";
        try
        {
            DestinationFolder folder = DestinationFolder.Open(
                destination, createMissing: !Options.PlanOnly && (Options.File.Force || from.Status.IsDirectory));
            if (from.Status.IsDirectory && folder.FileName is { } file
                && FileMetadata.Status(folder.Directory, file, 0, out Statx existing) == 0 && !existing.IsDirectory)
            {
                folder.Dispose();
                throw new TransferException(ErrorKind.NotDirectory, $"'{_destination}' is a file, and '{from.Path}' is a directory, which cannot replace it.");
            }

            return folder;
        }
        catch (TransferException e) when (Options.PlanOnly && e.Kind == ErrorKind.NotFound)
        {
            return null;
        }
    }

    /// <summary>Refuses to copy a tree into itself, or onto itself, before anything is made.</summary>
    private static void RefuseSelf(TreeSource from, DestinationFolder? folder, NativePath name)
    {
        if (!from.Status.IsDirectory || folder is null)
            return;
        if (FileMetadata.Status(folder.Directory, name, 0, out Statx existing) == 0 && existing.IsSameFile(from.Status))
            throw new TransferException(ErrorKind.SameFile, $"'{from.Path}' and '{folder.Path.Append(name)}' are the same directory.");
        if (Ancestors.Contain(folder.Directory, from.Status))
        {
            throw new TransferException(
                ErrorKind.Misuse, $"'{folder.Path}' lies in '{from.Path}': a tree cannot be copied into itself.");
        }
    }
}
