using System.Management.Automation;

namespace MemTools.Commands.Support;

/// <summary>
/// What the commands have in common that do something with files, each for itself, and cannot do without one: paths
/// with wildcards, literal paths, file objects. Each file fails on its own.
/// </summary>
public abstract class PathCommand : FilesCommand
{
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
        ForEachOf(Path, ProcessPath);
        ForEachLiteral(LiteralPath, ProcessPath);
    }

    /// <summary>Does the command's work for one path of the file system.</summary>
    /// <param name="path">An absolute path; there may be nothing there.</param>
    protected abstract void ProcessPath(string path);
}
