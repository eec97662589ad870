using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace MemTools.Tests.Support;

/// <summary>A program that was started: it can be sent signals, watched and waited for. Disposing it kills it.</summary>
internal sealed partial class ProcessRun : IDisposable
{
    internal const int Interrupt = 2;
    internal const int HangUp = 1;
    internal const int Terminate = 15;
    internal const int Continue = 18;
    internal const int Stop = 19;

    /// <summary>
    /// A shell that starts the tests in the background has SIGINT ignored, nohup(1) SIGHUP, and a program that finds them so
    /// goes on ignoring them: the programs of the tests are to find them as at a prompt.
    /// </summary>
    private static readonly string[] Prefix = IsIgnored(Interrupt) || IsIgnored(HangUp) ? ["env", "--default-signal=INT,HUP"] : [];

    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _error;
    private readonly StringBuilder _errorSoFar = new();

    private ProcessRun(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _error = ReadErrors();
    }

    internal int Id => _process.Id;

    /// <summary>What it has said on standard error until now.</summary>
    internal string ErrorSoFar
    {
        get
        {
            lock (_errorSoFar)
                return _errorSoFar.ToString();
        }
    }

    internal bool HasExited => _process.HasExited;

    internal static ProcessRun Start(IEnumerable<string> command, string? folder = null)
    {
        string[] words = [.. Prefix, .. command];
        ProcessStartInfo start = new(words[0], words[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? string.Empty,
        };
        start.Environment["LC_ALL"] = "C.UTF-8";
        // No sockets and threads for debuggers: fewer calls in the logs, and nothing left in the temporary directory.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        // Without it the runtime maps its code twice, through a memfd, with thousands of calls.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return new(process);
    }

    /// <summary>Whether this process was started with a signal ignored, which .NET then leaves so.</summary>
    internal static bool IsIgnored(int signal)
    {
        const string row = "SigIgn:";
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(row, StringComparison.Ordinal));
        return (Convert.ToUInt64(line[row.Length..].Trim(), 16) & (1UL << (signal - 1))) != 0;
    }

    /// <summary>Runs a program to its end.</summary>
    internal static ProcessResult Execute(params string[] command)
    {
        using ProcessRun run = Start(command);
        return run.Wait();
    }

    /// <summary>Runs a program that prepares a test, and fails where it fails.</summary>
    internal static string Require(params string[] command)
    {
        ProcessResult result = Execute(command);
        Assert.True(result.ExitCode == 0, $"{string.Join(' ', command)}: {result}");
        return result.Output;
    }

    internal void Signal(int number) => Assert.Equal(0, SendSignal(Id, number));

    /// <summary>Stops it (SIGSTOP), and waits until it stands still: the signal itself is only on its way.</summary>
    internal void Halt()
    {
        Signal(Stop);
        Waited.For(() => Directory.GetDirectories($"/proc/{Id}/task").All(thread => File.ReadLines($"{thread}/status").Any(line => line.StartsWith("State:\tT", StringComparison.Ordinal))));
    }

    internal void KillIfRunning() => _process.Kill();

    /// <summary>Whether the program has a file open now.</summary>
    internal bool HasOpen(string path)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries($"/proc/{Id}/fd").Any(link => new FileInfo(link).LinkTarget == path);
        }
        catch (IOException)
        {
            // It ended, or closed one, while it was looked at.
            return false;
        }
    }

    internal ProcessResult Wait()
    {
        if (!_process.WaitForExit(Waited.Longest))
        {
            _process.Kill(entireProcessTree: true);
            Assert.Fail($"{_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList)} hangs.");
        }

        return new(_process.ExitCode, _output.GetAwaiter().GetResult(), _error.GetAwaiter().GetResult());
    }

    /// <summary>Waits until something is so, or the program has ended. False where it ended first.</summary>
    internal bool WaitUntil(Func<bool> condition)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (HasExited)
                return condition();
            Assert.True(watch.Elapsed < Waited.Longest, "What the test waits for never came.");
            Thread.Sleep(1);
        }

        return true;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private async Task<string> ReadErrors()
    {
        char[] some = new char[4096];
        while (await _process.StandardError.ReadAsync(some.AsMemory()) is var count and > 0)
        {
            lock (_errorSoFar)
                _errorSoFar.Append(some, 0, count);
        }

        return ErrorSoFar;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);
}
