using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Experiments.CopyMethods;
using MemTools.Kernel;

namespace MemTools.Commands;

/// <summary>Compare-ZeroCopyMethod: what each copy method costs on this machine, beside what textbooks say.</summary>
[Cmdlet(VerbsData.Compare, "ZeroCopyMethod", DefaultParameterSetName = PathSet)]
[OutputType(typeof(CopyMethodResult))]
public sealed class CompareZeroCopyMethodCommand : PathCommand
{
    private CopyMethodComparison? _comparison;
    private ProgressReporter? _progress;

    /// <summary>Copies to a scratch file in this directory, or beside this file.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Destination { get; set; }

    /// <summary>Sends to a TCP connection over the loopback interface: what is done where nothing else is said.</summary>
    [Parameter]
    public SwitchParameter ToSocket { get; set; }

    /// <summary>Copies to /dev/null.</summary>
    [Parameter]
    public SwitchParameter ToNull { get; set; }

    /// <summary>The methods; all where none is named.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public ComparedMethod[] Method { get; set; } = Enum.GetValues<ComparedMethod>();

    /// <summary>Where the file's pages are before each run.</summary>
    [Parameter]
    public SourceCache Cache { get; set; }

    /// <summary>How often each method runs.</summary>
    [Parameter]
    [ValidateRange(1, 10_000)]
    public int Count { get; set; } = 5;

    /// <summary>The network interface whose scatter-gather the textbook's figures assume.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(InterfaceCompleter))]
    [ValidateNotNullOrEmpty]
    public string Interface { get; set; } = "lo";

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _progress = new ProgressReporter(this, "Comparing methods");
        if (Contradiction() is { } contradiction)
            End(new ArgumentException(contradiction), null);
        CopyComparisonOptions options = new()
        {
            Methods = Method,
            Target = Target,
            Destination = Destination is null ? null : OnePath(Destination),
            Cache = Cache,
            Count = Count,
            Interface = Interface,
        };
        try
        {
            _comparison = new CopyMethodComparison(options) { Progress = _progress.Report };
        }
        catch (Exception e) when (e is IHasErrorKind)
        {
            ThrowTerminatingError(ErrorRecords.From(e, Destination ?? Interface));
        }
        catch (ArgumentException e)
        {
            End(e, Destination);
        }
    }

    /// <inheritdoc/>
    protected override void ProcessPath(string path) =>
        WriteObject(Work(() => _comparison!.Compare(path, Interruption.Token)), enumerateCollection: true);

    /// <inheritdoc/>
    protected override void EndProcessing() => _progress?.Complete();

    private ComparisonTarget Target =>
        Destination is not null ? ComparisonTarget.File : ToNull ? ComparisonTarget.Null : ComparisonTarget.Socket;

    private string? Contradiction()
    {
        int targets = (Destination is null ? 0 : 1) + (ToSocket ? 1 : 0) + (ToNull ? 1 : 0);
        if (targets > 1)
            return "-Destination, -ToSocket and -ToNull exclude each other: name one of them, or none for -ToSocket.";
        return Target != ComparisonTarget.Socket && MyInvocation.BoundParameters.ContainsKey(nameof(Interface))
            ? "-Interface is for -ToSocket: only a socket sends over a network interface."
            : null;
    }

    private void End(ArgumentException e, object? target) =>
        ThrowTerminatingError(ErrorRecords.Misuse(e, nameof(ErrorKind.Misuse), target));
}
