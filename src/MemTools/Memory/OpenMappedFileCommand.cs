using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Memory;

namespace MemTools.Commands;

/// <summary>Open-MappedFile: maps a part of a file into memory.</summary>
[Cmdlet(VerbsCommon.Open, "MappedFile", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(MappedFile))]
public sealed class OpenMappedFileCommand : PathCommand
{
    /// <summary>What may be done with it, and who sees it.</summary>
    [Parameter]
    public MappedFileMode Mode { get; set; }

    /// <summary>The first byte.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long Offset { get; set; }

    /// <summary>How many bytes.</summary>
    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    public long Length { get; set; }

    /// <summary>Makes the file, or makes it longer.</summary>
    [Parameter]
    public SwitchParameter Create { get; set; }

    /// <summary>Reads all of it into memory first.</summary>
    [Parameter]
    public SwitchParameter Populate { get; set; }

    /// <summary>How it is going to be used.</summary>
    [Parameter]
    public MappedFileAdvice Advice { get; set; }

    /// <summary>Asks for huge pages.</summary>
    [Parameter]
    public SwitchParameter HugePage { get; set; }

    /// <inheritdoc/>
    protected override void ProcessPath(string path)
    {
        if (ShouldProcess(path, Create ? "Make the file long enough and map it" : "Map the file"))
            WriteObject(MappedFile.Open(path, Options(), Interruption.Token));
    }

    private MappedFileOptions Options() => new()
    {
        Mode = Mode,
        Offset = Offset,
        Length = MyInvocation.BoundParameters.ContainsKey(nameof(Length)) ? Length : null,
        Create = Create,
        Populate = Populate,
        Advice = Advice,
        HugePage = HugePage,
    };
}
