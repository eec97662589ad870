using System.Management.Automation;
using MemTools.Transfer;

namespace MemTools.Commands;

/// <content>What only this command can be asked for.</content>
public sealed partial class CopyFileZeroCopyCommand
{
    /// <summary>The files to copy: paths, whose wildcards are resolved, or file objects.</summary>
    /// <remarks>
    /// Takes any object, or several, so that one from the pipeline binds at the first try: an array of strings and a
    /// second parameter for the property PSPath cost PowerShell more than three times as much an object.
    /// </remarks>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true)]
    [SupportsWildcards]
    public object? Path { get; set; }

    /// <summary>The files to copy, by their names as they are.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>A directory, or the file to write.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = string.Empty;

    /// <summary>The first byte to copy.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long Offset { get; set; }

    /// <summary>The most bytes to copy.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long Length { get; set; }

    /// <summary>Leaves existing destinations alone.</summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Copies directories with all that is in them.</summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    private protected override FileCopyOptions FileOptions() => base.FileOptions() with
    {
        Offset = Offset,
        Length = MyInvocation.BoundParameters.ContainsKey(nameof(Length)) ? Length : null,
        NoClobber = NoClobber,
    };

    private void RefuseTreeParameters()
    {
        string[] names =
        [
            nameof(Symlink), nameof(SpecialFile), nameof(OneFileSystem), nameof(Include), nameof(Exclude), nameof(MinimumSize),
            nameof(MaximumSize), nameof(ModifiedAfter), nameof(ModifiedBefore), nameof(ThrottleLimit),
        ];
        if (Array.Find(names, MyInvocation.BoundParameters.ContainsKey) is { } name)
            throw new ArgumentException($"-{name} is for trees: use it with -Recurse.");
    }
}
