using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace MemTools.Kernel;

/// <summary>
/// Does a task in a process of its own: what moves the program break, watches malloc or preloads another allocator
/// would pull the ground from under the shell. The process is the executable of the current one (pwsh, memtools)
/// started again; .NET calls the core's start-up hook before that program's own first line, so none of it runs.
/// </summary>
internal static class Worker
{
    private const string StartupHooksVariable = "DOTNET_STARTUP_HOOKS";

    /// <summary>A process that a signal ended has the exit code 128 and the signal's number, as in a shell.</summary>
    private const int SignalBase = 128;

    /// <summary>SIGRTMAX; what is beyond 128 and that is a program's own exit code.</summary>
    private const int LastSignal = 64;

    private const int InterruptSignal = 2;

    /// <summary>Does the task and waits for its answer.</summary>
    /// <param name="task">One of the tasks that the worker knows by name.</param>
    /// <param name="request">What to do.</param>
    /// <param name="environment">Variables of the worker besides those of this process; null removes one.</param>
    /// <param name="cancellation">Kills the worker.</param>
    /// <exception cref="MemToolsException">The worker could not start, reported a failure, or died; the message names the signal.</exception>
    /// <exception cref="OperationCanceledException">The work was stopped.</exception>
    internal static TAnswer Run<TRequest, TAnswer>(
        WorkerTask<TRequest, TAnswer> task,
        TRequest request,
        IReadOnlyDictionary<string, string?> environment,
        CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using Process process = Start(task.Name, environment);
        using CancellationTokenRegistration stop = cancellation.Register(() => Kill(process));
        Task<string> output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        Task<string> errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        Send(process, task.Write(request));
        process.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        return task.Read(AnswerOf(process.ExitCode, output.Result, errors.Result));
    }

    private static Process Start(string task, IReadOnlyDictionary<string, string?> environment)
    {
        ProcessStartInfo start = StartInfo();
        foreach ((string name, string? value) in environment)
            start.Environment[name] = value;
        start.Environment[WorkerProtocol.TaskVariable] = task;
        start.Environment[WorkerProtocol.ParentVariable] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        // No debugger's socket, no profiler: threads and memory that are not the experiment's.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        try
        {
            return Process.Start(start)!;
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            throw new MemToolsException(ErrorKind.WorkerFailed, $"The worker process could not be started: {e.Message}", e);
        }
    }

    private static ProcessStartInfo StartInfo()
    {
        string executable = Environment.ProcessPath
            ?? throw new MemToolsException(ErrorKind.WorkerFailed, "The executable of this process is not known, so it cannot be started again as a worker.");
        ProcessStartInfo start = new(executable)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (string word in HostArguments(executable))
            start.ArgumentList.Add(word);
        // In a single-file program the core has no file of its own; that program calls the worker's entry itself.
        start.Environment[StartupHooksVariable] = OwnFile() is { Length: > 0 } file ? file : null;
        return start;
    }

    /// <summary>
    /// "dotnet exec --depsfile … program.dll": the host needs the program again, and the options before it, though
    /// only its start-up hook will run.
    /// </summary>
    private static string[] HostArguments(string executable)
    {
        if (Path.GetFileName(executable) != "dotnet")
            return [];
        string program = Environment.GetCommandLineArgs()[0];
        string[] words = File.ReadAllText("/proc/self/cmdline").Split('\0');
        int last = Array.FindIndex(words, word => Path.GetFullPath(word.Length == 0 ? "/" : word) == Path.GetFullPath(program));
        return last < 0 ? [program] : words[1..(last + 1)];
    }

    [UnconditionalSuppressMessage("SingleFile", "IL3000", Justification = "The empty path of a single-file program is what is asked for.")]
    private static string OwnFile() => typeof(Worker).Assembly.Location;

    private static void Send(Process process, string request)
    {
        try
        {
            process.StandardInput.Write(request);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It died before it had read everything; its exit code says more.
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It ended by itself a moment ago.
        }
    }

    private static string AnswerOf(int exitCode, string output, string errors)
    {
        int mark = output.LastIndexOf(WorkerProtocol.ReplyMark, StringComparison.Ordinal);
        if (mark < 0)
            throw Death(exitCode, errors);
        WorkerReply reply = JsonSerializer.Deserialize(
            output.AsSpan(mark + WorkerProtocol.ReplyMark.Length), WorkerReplyJson.Default.WorkerReply)!;
        return reply.Answer ?? throw new MemToolsException(reply.Kind, reply.Message!);
    }

    private static Exception Death(int exitCode, string errors)
    {
        int signal = exitCode - SignalBase;
        // Ctrl+C at a terminal reaches the worker as well, and may be faster there than here.
        if (signal == InterruptSignal)
            return new OperationCanceledException();
        string how = signal is > 0 and <= LastSignal ? $"died of {SignalNames.Of(signal)}" : $"ended with exit code {exitCode} and no answer";
        string lastWords = errors.Trim();
        return new MemToolsException(
            ErrorKind.WorkerFailed,
            $"The worker process {how}{(lastWords.Length > 0 ? $": {lastWords}" : string.Empty)}");
    }
}
