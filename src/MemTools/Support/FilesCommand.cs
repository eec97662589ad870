using System.Management.Automation;
using MemTools.Kernel;

namespace MemTools.Commands.Support;

/// <summary>
/// What the commands have in common that look at files one by one: -Path with wildcards and file objects, -LiteralPath,
/// and errors that concern one file and leave the others alone.
/// </summary>
public abstract class FilesCommand : InterruptibleCommand
{
    /// <summary>The parameter set of -Path.</summary>
    protected const string PathSet = "Path";

    /// <summary>The parameter set of -LiteralPath.</summary>
    protected const string LiteralPathSet = "LiteralPath";

    /// <summary>Does something for every file that an item of -Path names.</summary>
    internal void ForEachOf(object? path, Action<string> act)
    {
        foreach (object item in FilePaths.Items(path))
            Try(item, () => Paths.ResolveItem(item), act);
    }

    /// <summary>Does something for every file that -LiteralPath names.</summary>
    internal void ForEachLiteral(IEnumerable<string> paths, Action<string> act)
    {
        foreach (string path in paths)
            Try(path, () => Paths.ResolveLiteral(path), act);
    }

    /// <summary>Does something that may fail for this target alone.</summary>
    internal void Guard(object target, Action act)
    {
        try
        {
            act();
        }
        catch (Exception e) when (e is IHasErrorKind)
        {
            WriteError(ErrorRecords.From(e, target));
        }
        catch (ArgumentException e)
        {
            WriteError(ErrorRecords.Misuse(e, nameof(ErrorKind.Misuse), target));
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <summary>
    /// Does what makes scratch files, so that a signal waits for their end. Results are written when it has ended: while
    /// the next command of the pipeline takes its time over one, nothing is in disorder.
    /// </summary>
    internal T Work<T>(Func<T> work)
    {
        using Interruption.WorkScope scope = Interruption.BeginWork();
        return work();
    }

    /// <summary>The files that an item names; what is wrong with it is an error about it, and there are none.</summary>
    internal IEnumerable<string> Resolve(object item, Func<IEnumerable<string>> resolve)
    {
        try
        {
            return [.. resolve()];
        }
        catch (Exception e) when (e is ItemNotFoundException or System.Management.Automation.DriveNotFoundException)
        {
            WriteError(new(e, nameof(ErrorKind.NotFound), ErrorCategory.ObjectNotFound, item));
        }
        catch (Exception e) when (IsMisuse(e))
        {
            WriteError(ErrorRecords.Misuse(e, nameof(ErrorKind.Misuse), item));
        }

        return [];
    }

    private void Try(object item, Func<IEnumerable<string>> resolve, Action<string> act)
    {
        foreach (string file in Resolve(item, resolve))
            Guard(file, () => act(file));
    }
}
