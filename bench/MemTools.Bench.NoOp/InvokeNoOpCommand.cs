using System.Management.Automation;

namespace MemTools.Bench.NoOp;

/// <summary>Invoke-NoOp: takes pipeline input and does nothing with it.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "NoOp")]
public sealed class InvokeNoOpCommand : PSCmdlet
{
    /// <summary>What comes along the pipeline.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    public object? InputObject { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
    }
}
