using System.Diagnostics;
using System.Management.Automation;
using MemTools.Kernel;

namespace MemTools.Commands.Support;

/// <summary>
/// What the commands have in common that look at processes: by id, by name, or piped from Get-Process; without any
/// of these, at the shell itself. Each process fails on its own.
/// </summary>
public abstract class ProcessCommand : InterruptibleCommand
{
    /// <summary>The parameter set of -Id, and of the shell itself.</summary>
    protected const string IdSet = "Id";

    /// <summary>The parameter set of -Name.</summary>
    protected const string NameSet = "Name";

    /// <summary>The parameter set of -InputObject.</summary>
    protected const string InputObjectSet = "InputObject";

    /// <summary>The processes, by their ids; the shell itself where nothing is said.</summary>
    [Parameter(Position = 0, ParameterSetName = IdSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ProcessId", "PID")]
    [ArgumentCompleter(typeof(ProcessIdCompleter))]
    [ValidateRange(1, int.MaxValue)]
    [ValidateNotNullOrEmpty]
    public int[]? Id { get; set; }

    /// <summary>The processes, by their names as Get-Process shows them; wildcards are resolved.</summary>
    [Parameter(Mandatory = true, ParameterSetName = NameSet)]
    [Alias("ProcessName")]
    [ArgumentCompleter(typeof(ProcessNameCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    /// <summary>The processes, as Get-Process returns them.</summary>
    [Parameter(Mandatory = true, ParameterSetName = InputObjectSet, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public Process[] InputObject { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (int id in Targets())
            TryProcess(id);
    }

    /// <summary>Does the command's work for one process.</summary>
    /// <param name="id">The id of the process; it may have ended meanwhile.</param>
    protected abstract void ProcessOne(int id);

    private IEnumerable<int> Targets() => ParameterSetName switch
    {
        NameSet => Name.SelectMany(Named),
        InputObjectSet => InputObject.Select(process => process.Id),
        _ => Id ?? [Environment.ProcessId],
    };

    private void TryProcess(int id)
    {
        try
        {
            ProcessOne(id);
        }
        catch (Exception e) when (e is IHasErrorKind)
        {
            WriteError(ErrorRecords.From(e, id));
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }

    private int[] Named(string name)
    {
        int[] found = RunningProcesses.Named(name);
        if (found.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
        {
            MemToolsException e = new(ErrorKind.ProcessNotFound, $"No process is called '{name}'. Get-Process lists the names.");
            WriteError(ErrorRecords.From(e, name));
        }

        return found;
    }
}
