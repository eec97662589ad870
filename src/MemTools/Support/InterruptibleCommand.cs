using System.Management.Automation;
using MemTools.Kernel;

namespace MemTools.Commands.Support;

/// <summary>What the commands have in common that work for a while: being stopped, and paths.</summary>
public abstract class InterruptibleCommand : PSCmdlet, IDisposable
{
    private static readonly TimeSpan StopNoticeAfter = TimeSpan.FromMilliseconds(250);

    private Interruption? _interruption;

    /// <summary>What stops this command: Ctrl+C, SIGTERM and SIGHUP.</summary>
    internal Interruption Interruption => _interruption ?? throw new ObjectDisposedException(GetType().Name);

    internal FilePaths Paths { get; private set; } = null!;

    /// <summary>The call that cannot be interrupted and is under way, or null.</summary>
    protected virtual string? UninterruptibleCall => null;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _interruption = Interruption.Begin();
        Paths = new FilePaths(this);
    }

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        _interruption?.Stop();
        // Runs on a thread of its own and must return at once; the notice comes only where the kernel makes it wait.
        Task.Delay(StopNoticeAfter).ContinueWith(_ => NoticeOfWaiting(), TaskScheduler.Default);
    }

    /// <summary>Ends what <see cref="BeginProcessing"/> began; PowerShell calls it however the command ended.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases the command's own resources before it counts as ended.</summary>
    /// <param name="disposing">Always true: there is no finalizer.</param>
    protected virtual void Dispose(bool disposing)
    {
        _interruption?.Dispose();
        _interruption = null;
    }

    /// <summary>A path that is a parameter of the whole command: what is wrong with it ends the command.</summary>
    internal string OnePath(string path)
    {
        try
        {
            return Paths.Literal(path);
        }
        catch (Exception e) when (IsMisuse(e))
        {
            ThrowTerminatingError(ErrorRecords.Misuse(e, nameof(ErrorKind.Misuse), path));
            throw;
        }
    }

    /// <summary>Whether it is a path that makes no sense, rather than a file that fails.</summary>
    private protected static bool IsMisuse(Exception e) =>
        e is PSNotSupportedException or PSArgumentException or ProviderNotFoundException or WildcardPatternException
            or System.Management.Automation.DriveNotFoundException;

    private void NoticeOfWaiting()
    {
        if (UninterruptibleCall is { } call && _interruption is not null)
            Host?.UI?.WriteWarningLine($"Stopping; waiting for {call}, which the kernel does not interrupt.");
    }
}
