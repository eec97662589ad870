using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Memory;

namespace MemTools.Commands;

/// <summary>Set-MallocOption: options of glibc's malloc, of this process.</summary>
[Cmdlet(VerbsCommon.Set, "MallocOption", SupportsShouldProcess = true)]
[OutputType(typeof(MallocOption))]
public sealed class SetMallocOptionCommand : PSCmdlet
{
    /// <summary>Bytes from which on a block is a mapping.</summary>
    [Parameter]
    public long MmapThreshold { get; set; }

    /// <summary>Bytes of the top from which on free trims it.</summary>
    [Parameter]
    public long TrimThreshold { get; set; }

    /// <summary>Bytes added to each move of the break.</summary>
    [Parameter]
    public long TopPad { get; set; }

    /// <summary>The most arenas.</summary>
    [Parameter]
    public long ArenaMaximum { get; set; }

    /// <summary>The number of arenas at which glibc fixes their limit.</summary>
    [Parameter]
    public long ArenaTest { get; set; }

    /// <summary>The largest request that fast bins keep.</summary>
    [Parameter]
    public long MaximumFastSize { get; set; }

    /// <summary>The most mapped blocks at a time.</summary>
    [Parameter]
    public long MmapMaximum { get; set; }

    /// <summary>The byte that freed blocks are filled with.</summary>
    [Parameter]
    public long Perturb { get; set; }

    /// <summary>Returns what was set.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        (MallocOptionKind Kind, long Value)[] asked = [.. Options().Where(option => MyInvocation.BoundParameters.ContainsKey(option.Kind.Option))];
        try
        {
            if (asked.Length == 0)
                throw new MemToolsException(ErrorKind.Misuse, $"Name an option to set: {string.Join(", ", Options().Select(option => '-' + option.Kind.Option))}.");
            foreach ((MallocOptionKind kind, long value) in asked)
                kind.Check(value);
            if (MallocHeapReader.ForeignAllocator() is { } file)
                WriteWarning(MallocWarnings.Foreign(file));
            foreach ((MallocOptionKind kind, long value) in asked)
                Set(kind, value);
        }
        catch (MemToolsException e)
        {
            ThrowTerminatingError(ErrorRecords.From(e, null));
        }
    }

    private (MallocOptionKind Kind, long Value)[] Options() =>
    [
        (MallocOptionKind.MmapThreshold, MmapThreshold),
        (MallocOptionKind.TrimThreshold, TrimThreshold),
        (MallocOptionKind.TopPad, TopPad),
        (MallocOptionKind.ArenaMaximum, ArenaMaximum),
        (MallocOptionKind.ArenaTest, ArenaTest),
        (MallocOptionKind.MaximumFastSize, MaximumFastSize),
        (MallocOptionKind.MmapMaximum, MmapMaximum),
        (MallocOptionKind.Perturb, Perturb),
    ];

    private void Set(MallocOptionKind kind, long value)
    {
        if (!ShouldProcess($"Process {Environment.ProcessId}", $"Set {kind.Parameter} to {value}"))
            return;
        MallocOption option = kind.Set(value);
        WriteVerbose($"{option.Parameter} = {option.Value}. {option.Note}");
        if (PassThru)
            WriteObject(option);
    }
}
