using System.Globalization;

namespace MemTools.Kernel;

/// <summary>The names of signals, by the numbers of signal(7) that x86-64 and arm64 have in common.</summary>
internal static class SignalNames
{
    private static readonly string[] Names =
    [
        "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1", "SIGSEGV",
        "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN",
        "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS",
    ];

    internal static string Of(int number) =>
        number >= 1 && number <= Names.Length ? Names[number - 1] : string.Create(CultureInfo.InvariantCulture, $"signal {number}");
}
