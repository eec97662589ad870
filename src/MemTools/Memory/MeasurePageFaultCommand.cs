using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Memory;

namespace MemTools.Commands;

/// <summary>Measure-PageFault: page faults of a script block, of processes, or of memory mapped and touched in a chosen way.</summary>
[Cmdlet(VerbsDiagnostic.Measure, "PageFault", DefaultParameterSetName = BlockSet)]
[OutputType(typeof(BlockFaultResult), ParameterSetName = [BlockSet])]
[OutputType(typeof(ProcessFaultResult), ParameterSetName = [ProcessSet])]
[OutputType(typeof(MappingFaultResult), ParameterSetName = [MappingSet])]
public sealed class MeasurePageFaultCommand : InterruptibleCommand
{
    private const string BlockSet = "ScriptBlock";
    private const string ProcessSet = "Process";
    private const string MappingSet = "Mapping";

    private readonly List<int> _ids = [];
    private MeasuredBlock? _block;
    private MappingExperiment? _experiment;

    /// <summary>The block to measure.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = BlockSet)]
    public ScriptBlock Expression { get; set; } = null!;

    /// <summary>What the block sees as $_; it runs once for each.</summary>
    [Parameter(ValueFromPipeline = true, ParameterSetName = BlockSet)]
    public PSObject? InputObject { get; set; }

    /// <summary>The processes to watch.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ProcessSet, ValueFromPipelineByPropertyName = true)]
    [Alias("ProcessId", "PID")]
    [ArgumentCompleter(typeof(ProcessIdCompleter))]
    [ValidateRange(1, int.MaxValue)]
    public int[] Id { get; set; } = [];

    /// <summary>For how many seconds.</summary>
    [Parameter(ParameterSetName = ProcessSet)]
    [ValidateRange(0.01, 31_536_000)]
    public double DurationSec { get; set; } = 1;

    /// <summary>How many bytes to map.</summary>
    [Parameter(Mandatory = true, ParameterSetName = MappingSet)]
    [ValidateRange(1, long.MaxValue)]
    public long Size { get; set; }

    /// <summary>What stands behind the mapping.</summary>
    [Parameter(ParameterSetName = MappingSet)]
    public MappingBacking Backing { get; set; }

    /// <summary>Whether pages are read or written.</summary>
    [Parameter(ParameterSetName = MappingSet)]
    public PageAccess Access { get; set; } = PageAccess.Write;

    /// <summary>In which order pages are touched.</summary>
    [Parameter(ParameterSetName = MappingSet)]
    public PagePattern Pattern { get; set; }

    /// <summary>Bytes from one touch to the next.</summary>
    [Parameter(ParameterSetName = MappingSet)]
    [ValidateRange(1, long.MaxValue)]
    public long StrideBytes { get; set; }

    /// <summary>Lets mmap map the pages in.</summary>
    [Parameter(ParameterSetName = MappingSet)]
    public SwitchParameter Populate { get; set; }

    /// <summary>What the kernel is told before pages are touched.</summary>
    [Parameter(ParameterSetName = MappingSet)]
    public MemoryAdvice Advice { get; set; }

    /// <summary>How many rounds.</summary>
    [Parameter(ParameterSetName = MappingSet)]
    [ValidateRange(1, int.MaxValue)]
    public int Repeat { get; set; } = 1;

    /// <summary>Touches the same mapping in every round.</summary>
    [Parameter(ParameterSetName = MappingSet)]
    public SwitchParameter Reuse { get; set; }

    /// <summary>The file behind a file mapping.</summary>
    [Parameter(ParameterSetName = MappingSet)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <inheritdoc/>
    protected override string? UninterruptibleCall => _experiment?.UninterruptibleCall;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (ParameterSetName == BlockSet)
            _block = new(InvokeCommand, Expression);
        else if (ParameterSetName == MappingSet)
            RunExperiment();
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        _ids.AddRange(Id);
        if (_block is null)
            return;
        try
        {
            if (IsGiven(nameof(InputObject)))
                _block.Measure(InputObject);
            else
                _block.Measure();
        }
        catch (Exception e) when (e is not PipelineStoppedException)
        {
            // What was measured is given; then the error, break or exit goes its own way.
            WriteObject(_block.Result);
            throw;
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_block is not null)
            WriteObject(_block.Result);
        else if (ParameterSetName == ProcessSet)
            WatchProcesses();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _block?.Dispose();
        base.Dispose(disposing);
    }

    private void WatchProcesses()
    {
        using WatchedProcesses watched = new(this);
        watched.Add(_ids);
        try
        {
            watched.Watch(TimeSpan.FromSeconds(DurationSec), Interruption.Token);
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }

    private void RunExperiment()
    {
        try
        {
            _experiment = new(Options(), Interruption.Token);
            foreach (MappingFaultResult result in _experiment.Run())
                WriteObject(result);
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
        catch (Exception e) when (e is IHasErrorKind)
        {
            ThrowTerminatingError(ErrorRecords.From(e, Path ?? (object)Size));
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException or System.Management.Automation.DriveNotFoundException or ProviderNotFoundException)
        {
            ThrowTerminatingError(ErrorRecords.Misuse(e, nameof(ErrorKind.Misuse), Path));
        }
    }

    private MappingExperimentOptions Options() => new()
    {
        Length = Size,
        Backing = Path is null || IsGiven(nameof(Backing)) ? Backing : MappingBacking.PrivateFile,
        Access = Access,
        Pattern = StrideBytes == 0 || IsGiven(nameof(Pattern)) ? Pattern : PagePattern.Stride,
        StrideBytes = StrideBytes,
        Populate = Populate,
        Advice = Advice,
        Rounds = Reuse && !IsGiven(nameof(Repeat)) ? 2 : Repeat,
        Reuse = Reuse,
        Path = Path is null ? null : Paths.Literal(Path),
    };

    private bool IsGiven(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);
}
