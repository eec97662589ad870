using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Transfer.Probing;

namespace MemTools.Commands;

/// <summary>Get-ZeroCopySupport: what file systems, pairs of them and network interfaces can do, and why not.</summary>
[Cmdlet(VerbsCommon.Get, "ZeroCopySupport", DefaultParameterSetName = PathSet)]
[OutputType(typeof(ZeroCopyFeature))]
public sealed class GetZeroCopySupportCommand : FilesCommand
{
    private string? _destination;
    private bool _anyPath;

    /// <summary>Files or directories whose file systems are tried: paths, whose wildcards are resolved, or file objects.</summary>
    [Parameter(Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true)]
    [SupportsWildcards]
    public object? Path { get; set; }

    /// <summary>Files or directories, by their names as they are.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Where files would be copied to: adds its file system, and the pair.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Destination { get; set; }

    /// <summary>Network interfaces; wildcards are resolved.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(InterfaceCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Interface { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _anyPath = MyInvocation.ExpectingInput || Destination is not null;
        if (Destination is not null)
            _destination = OnePath(Destination);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        _anyPath |= Path is not null || LiteralPath.Length > 0;
        if (Path is not null)
            ForEachOf(Path, WritePath);
        else if (LiteralPath.Length > 0)
            ForEachLiteral(LiteralPath, WritePath);
        else if (Interface is null || _destination is not null)
            ForEachLiteral(["."], WritePath);
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_destination is { } destination)
            Guard(destination, () => WriteObject(Work(() => ZeroCopySupport.OfFileSystem(destination, mayBeNew: true, Interruption.Token)), true));
        foreach (string name in Interface?.SelectMany(Named) ?? (_anyPath ? [] : ZeroCopySupport.Interfaces))
            Guard(name, () => WriteObject(ZeroCopySupport.OfInterface(name), true));
    }

    private void WritePath(string path)
    {
        WriteObject(Work(() => ZeroCopySupport.OfFileSystem(path, mayBeNew: false, Interruption.Token)), true);
        if (_destination is { } destination)
            WriteObject(Work(() => ZeroCopySupport.OfPair(path, destination, Interruption.Token)), true);
    }

    private static IEnumerable<string> Named(string name)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(name))
            return [name];
        WildcardPattern pattern = new(name, WildcardOptions.IgnoreCase);
        return ZeroCopySupport.Interfaces.Where(pattern.IsMatch);
    }
}
