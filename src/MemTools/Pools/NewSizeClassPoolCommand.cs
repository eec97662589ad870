using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Pools;

namespace MemTools.Commands;

/// <summary>New-SizeClassPool: makes a pool of blocks of any size.</summary>
[Cmdlet(VerbsCommon.New, "SizeClassPool")]
[OutputType(typeof(SizeClassPool))]
public sealed class NewSizeClassPoolCommand : PSCmdlet
{
    /// <summary>The most bytes that it ever maps.</summary>
    [Parameter]
    public long MaximumSize { get; set; }

    /// <summary>Whether places are kept where blocks were rented.</summary>
    [Parameter]
    public SwitchParameter Track { get; set; }

    /// <summary>What it is to be called.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "sizeclass";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        long? maximum = MyInvocation.BoundParameters.ContainsKey(nameof(MaximumSize)) ? MaximumSize : null;
        try
        {
            WriteObject(SizeClassPool.Create(new() { MaximumSize = maximum, Track = Track, Name = Name }));
        }
        catch (Exception e) when (e is IHasErrorKind)
        {
            ThrowTerminatingError(ErrorRecords.From(e, Name));
        }
    }
}
