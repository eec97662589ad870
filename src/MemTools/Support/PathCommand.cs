using System.Management.Automation;
using MemTools.Kernel;

namespace MemTools.Commands.Support;

/// <summary>
/// What the commands have in common that do something with files, each for itself: paths with wildcards, literal
/// paths, file objects. Each file fails on its own.
/// </summary>
public abstract class PathCommand : InterruptibleCommand
{
    /// <summary>The parameter set of -Path.</summary>
    protected const string PathSet = "Path";

    /// <summary>The parameter set of -LiteralPath.</summary>
    protected const string LiteralPathSet = "LiteralPath";

    /// <summary>The files: paths, whose wildcards are resolved, or file objects.</summary>
    /// <remarks>Takes any object, or several, so that one from the pipeline binds at the first try.</remarks>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true)]
    [SupportsWildcards]
    public object? Path { get; set; }

    /// <summary>The files, by their names as they are.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string path in LiteralPath)
            ProcessAll(path, Paths.ResolveLiteral);
        foreach (object item in FilePaths.Items(Path))
            ProcessAll(item, Paths.ResolveItem);
    }

    /// <summary>Does the command's work for one path of the file system.</summary>
    /// <param name="path">An absolute path; there may be nothing there.</param>
    protected abstract void ProcessPath(string path);

    private void ProcessAll<T>(T item, Func<T, IEnumerable<string>> resolve)
        where T : notnull
    {
        foreach (string path in Resolve(item, resolve))
            TryProcess(path);
    }

    private void TryProcess(string path)
    {
        try
        {
            ProcessPath(path);
        }
        catch (Exception e) when (e is IHasErrorKind or ArgumentException)
        {
            WriteError(e is IHasErrorKind ? ErrorRecords.From(e, path) : ErrorRecords.Misuse(e, nameof(ErrorKind.Misuse), path));
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }

    private IEnumerable<string> Resolve<T>(T item, Func<T, IEnumerable<string>> resolve)
        where T : notnull
    {
        try
        {
            return resolve(item);
        }
        catch (Exception e) when (e is ItemNotFoundException or System.Management.Automation.DriveNotFoundException)
        {
            WriteError(new(e, nameof(ErrorKind.NotFound), ErrorCategory.ObjectNotFound, item));
        }
        catch (Exception e) when (e is PSNotSupportedException or PSArgumentException or ProviderNotFoundException or WildcardPatternException)
        {
            WriteError(ErrorRecords.Misuse(e, nameof(ErrorKind.Misuse), item));
        }

        return [];
    }
}
