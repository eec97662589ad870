namespace MemTools.Cli;

/// <summary>What the exit code tells a script.</summary>
internal static class ExitCode
{
    internal const int Done = 0;
    internal const int SomeFailed = 1;

    /// <summary>The command line makes no sense, or the work could not begin: nothing was changed.</summary>
    internal const int Misuse = 2;

    private const int FirstSignal = 128;

    /// <summary>The shell's convention: 130 for SIGINT, 143 for SIGTERM, 129 for SIGHUP.</summary>
    internal static int Signalled(int signal) => FirstSignal + signal;
}
