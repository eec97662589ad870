using System.Management.Automation;
using MemTools.Kernel;
using MemTools.Memory;

namespace MemTools.Commands.Support;

/// <summary>What Get-PageCache and Set-PageCache have in common: files and trees, errors, progress.</summary>
/// <typeparam name="T">What there is to say of one file.</typeparam>
public abstract class PageCacheCommand<T> : PathCommand
    where T : class
{
    private int _pipelineThread;
    private FileSelection<T> _files = null!;
    private StepProgress _progress = null!;
    private long _filesDone;

    /// <summary>Takes all files below folders.</summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    /// <summary>What is done, for Write-Progress.</summary>
    private protected abstract string Activity { get; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _pipelineThread = Environment.CurrentManagedThreadId;
        _progress = new(this, Activity);
        _files = new(Work(), Interruption.Token) { Progress = Report };
    }

    /// <inheritdoc/>
    protected override void ProcessPath(string path)
    {
        if (!IsWanted(path))
            return;
        foreach (FileOutcome<T> outcome in Recurse ? _files.Below(path) : [_files.One(path)])
        {
            if (outcome.Failure is { } failure)
                WriteError(ErrorRecords.From(failure, outcome.Path));
            else
                Write(outcome.Result!);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => _progress.Complete();

    /// <summary>What to do with each file, on any thread; the parameters are bound.</summary>
    private protected abstract Func<CachedFile, T> Work();

    /// <summary>Whether the user agrees.</summary>
    private protected virtual bool IsWanted(string path) => true;

    /// <summary>Hands on what came of a file.</summary>
    private protected virtual void Write(T result) => WriteObject(result);

    /// <summary>Shows how far a file is.</summary>
    private protected void Report(NativePath path, long bytesDone, long bytes)
    {
        if (IsDue)
            _progress.Report(path.ToString(), $"{Behind}{HumanUnits.Size(bytesDone)} of {HumanUnits.Size(bytes)}");
    }

    private void Report(NativePath path, long filesDone)
    {
        Volatile.Write(ref _filesDone, filesDone);
        if (IsDue)
            _progress.Report(path.ToString(), $"{filesDone} files");
    }

    private string Behind => Volatile.Read(ref _filesDone) is > 0 and var files ? $"{files} files, and of this one " : string.Empty;

    /// <summary>The pipeline's own thread does a share of the files, and only it may write.</summary>
    private bool IsDue => Environment.CurrentManagedThreadId == _pipelineThread && _progress.IsDue;
}
