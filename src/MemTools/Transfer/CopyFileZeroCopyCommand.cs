using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Transfer;

namespace MemTools.Commands;

/// <summary>Copy-FileZeroCopy: copies files inside the kernel, replacing each destination in one step.</summary>
[Cmdlet(VerbsCommon.Copy, "FileZeroCopy", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(FileTransferResult))]
public sealed partial class CopyFileZeroCopyCommand : TreeTransferCommand
{
    private FileCopySession? _session;
    private TreeCopier? _trees;
    private ProgressReporter? _progress;
    private string _destination = string.Empty;

    /// <inheritdoc/>
    protected override string? UninterruptibleCall => _session?.UninterruptibleCall ?? _trees?.UninterruptibleCall;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _progress = new ProgressReporter(this, "Copying files");
        try
        {
            _destination = Paths.Literal(Destination);
            if (Recurse)
                _trees = new TreeCopier(this, _progress, new(_destination, TreeOptions()) { WantsVerbose = true });
            else
                RefuseTreeParameters();
            _session = new FileCopySession(_destination, FileOptions()) { Progress = _progress.Report, Verbose = WriteVerbose };
        }
        catch (Exception e) when (e is ArgumentException or PSNotSupportedException or System.Management.Automation.DriveNotFoundException or ProviderNotFoundException)
        {
            ThrowTerminatingError(ErrorRecords.Misuse(e, nameof(ErrorKind.Misuse), Destination));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string path in LiteralPath)
            CopyAll(path, () => Paths.ResolveLiteral(path));
        foreach (object item in FilePaths.Items(Path))
            CopyAll(item, () => Paths.ResolveItem(item));
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => _progress?.Complete();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _session?.Dispose();
        base.Dispose(disposing);
    }

    private void CopyAll(object item, Func<IEnumerable<string>> resolve)
    {
        foreach (string file in Resolve(item, resolve))
            CopyOne(file);
    }

    private void CopyOne(string file)
    {
        if (_trees is not null)
        {
            _trees.Copy(file, _destination);
            return;
        }

        if (!ShouldProcess($"Item: {file} Destination: {_destination}", "Copy File"))
            return;
        try
        {
            FileTransferResult result = CopyGuarded(file);
            foreach (string warning in result.Warnings)
                WriteWarning(warning);
            WriteObject(result);
            _progress!.Finished(result);
        }
        catch (TransferException e)
        {
            WriteError(ErrorRecords.From(e, file));
        }
        catch (OperationCanceledException)
        {
            // The pipeline takes no more warnings once it is stopping; the host does.
            if (_session!.LeftIncomplete is { } path)
                Host?.UI?.WriteWarningLine($"'{path}' was being written in place and is incomplete.");
            throw new PipelineStoppedException();
        }
    }

    private FileTransferResult CopyGuarded(string file)
    {
        using Interruption.WorkScope work = Interruption.BeginWork();
        return _session!.Copy(file, Interruption.Token);
    }
}
