using System.Management.Automation;
using System.Management.Automation.Runspaces;
using MemTools.Memory;

namespace MemTools.Commands;

/// <summary>
/// Runs a script block between the ends of a meter, as Measure-Command runs one: in the scope of the caller, its
/// output thrown away object by object, its errors and other streams left to their ways.
/// </summary>
internal sealed class MeasuredBlock : IDisposable
{
    // What Measure-Command calls is not public. Dot-sourcing runs the block in the scope around it; only the output is
    // redirected. The meter starts and stops right beside the block, so that the way to here is not in its figures.
    private const string Runner = "$args[1].Invoke(); try { . $args[0] > $null } finally { $args[2].Invoke() }";
    private const string RunnerWithInput = "$_ = $args[3]; " + Runner;
    private const int WarmUpRuns = 5;

    private readonly FaultMeter _meter = new();
    private readonly CommandInvocationIntrinsics _invoke;
    private readonly ScriptBlock _block;
    private int _runs;

    internal MeasuredBlock(CommandInvocationIntrinsics invoke, ScriptBlock block)
    {
        _invoke = invoke;
        _block = block;
        // Everything on the way to the block is compiled and its memory touched before it counts.
        ScriptBlock nothing = ScriptBlock.Create(string.Empty);
        using FaultMeter idle = new();
        for (int i = 0; i < WarmUpRuns; i++)
        {
            Run(Runner, nothing, (Action)idle.Start, (Action)idle.Stop);
            Run(RunnerWithInput, nothing, (Action)idle.Start, (Action)idle.Stop, string.Empty);
        }
    }

    internal BlockFaultResult Result => new(_meter, _runs);

    internal void Measure()
    {
        _runs++;
        Run(Runner, _block, (Action)_meter.Start, (Action)_meter.Stop);
    }

    /// <param name="input">What the block sees as $_.</param>
    internal void Measure(object? input)
    {
        _runs++;
        Run(RunnerWithInput, _block, (Action)_meter.Start, (Action)_meter.Stop, input);
    }

    public void Dispose() => _meter.Dispose();

    private void Run(string runner, params object?[] arguments) =>
        _invoke.InvokeScript(runner, useNewScope: false, PipelineResultTypes.Error, null, arguments);
}
