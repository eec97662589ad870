using System.Diagnostics;
using System.Globalization;
using MemTools.Kernel;
using MemTools.Memory;
using MemTools.Native;
using MemTools.Tests.Support;

namespace MemTools.Tests.Kernel;

/// <summary>What a process gets to know of the worker that it started.</summary>
public class WorkerTests
{
    /// <summary>Preloaded into a worker, it does what the environment says before .NET starts; elsewhere nothing.</summary>
    private const string Deeds = """
        #include <signal.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <unistd.h>
        __attribute__((constructor)) static void deed(void) {
            char *what = getenv("MEMTOOLS_TEST_DEED");
            if (!what) return;
            if (!strncmp(what, "signal ", 7)) { signal(atoi(what + 7), SIG_DFL); raise(atoi(what + 7)); }
            if (!strcmp(what, "sleep")) for (;;) pause();
            if (!strncmp(what, "exit ", 5)) { fputs("last words of the worker\n", stderr); fflush(stderr); _exit(atoi(what + 5)); }
            if (!strcmp(what, "chatter")) { puts("memtools-reply:not this one"); fflush(stdout); fputs("noise\n", stderr); }
        }
        """;

    private static readonly Dictionary<string, string?> Plain = [];

    [Fact]
    public void An_unknown_task_is_an_error_of_the_worker()
    {
        WorkerTask<WorkerReply, WorkerReply> task =
            new("no such task", request => request, WorkerReplyJson.Default.WorkerReply, WorkerReplyJson.Default.WorkerReply);
        MemToolsException e = Assert.Throws<MemToolsException>(() => Worker.Run(
            task, new WorkerReply("x", default, null), Plain, CancellationToken.None));
        Assert.Equal(ErrorKind.Misuse, e.Kind);
        Assert.Contains("no such task", e.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_failure_of_the_task_keeps_its_kind_and_message()
    {
        NeedTask();
        AllocationRequest request = new(AllocationExperiment.PinTop, [1_000_000_000]) { Count = 1 };
        MemToolsException e = Assert.Throws<MemToolsException>(() => Run(request, Plain));
        Assert.Equal(ErrorKind.Misuse, e.Kind);
        Assert.Contains("1000000000", e.Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(11, "SIGSEGV")]
    [InlineData(9, "SIGKILL")]
    [InlineData(6, "SIGABRT")]
    [InlineData(15, "SIGTERM")]
    public void A_worker_that_a_signal_kills_is_an_error_with_the_signals_name(int signal, string name)
    {
        using CProgram library = CProgram.CompileLibrary(Deeds);
        MemToolsException e = Assert.Throws<MemToolsException>(() => Run(Small, Deed(library, $"signal {signal}")));
        Assert.Equal(ErrorKind.WorkerFailed, e.Kind);
        Assert.Contains($"died of {name}", e.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_worker_that_Ctrl_C_reached_first_counts_as_stopped()
    {
        using CProgram library = CProgram.CompileLibrary(Deeds);
        Assert.Throws<OperationCanceledException>(() => Run(Small, Deed(library, "signal 2")));
    }

    [SkippableTheory]
    [InlineData(3)]
    [InlineData(255)]
    public void A_worker_that_ends_without_an_answer_is_an_error_with_its_code_and_last_words(int code)
    {
        using CProgram library = CProgram.CompileLibrary(Deeds);
        MemToolsException e = Assert.Throws<MemToolsException>(() => Run(Small, Deed(library, $"exit {code}")));
        Assert.Equal(ErrorKind.WorkerFailed, e.Kind);
        Assert.Contains($"exit code {code}", e.Message, StringComparison.Ordinal);
        Assert.Contains("last words of the worker", e.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void What_a_preloaded_library_writes_does_not_disturb_the_answer()
    {
        NeedTask();
        using CProgram library = CProgram.CompileLibrary(Deeds);
        Assert.Equal(64UL, Assert.Single(Run(Small, Deed(library, "chatter")).Traces).Size);
    }

    [SkippableFact]
    public void Stopping_kills_the_worker()
    {
        using CProgram library = CProgram.CompileLibrary(Deeds);
        Dictionary<string, string?> environment = Marked(Deed(library, "sleep"), out string mark);
        using CancellationTokenSource stop = new();
        Task run = Task.Run(() => Run(Small, environment, stop.Token));
        int worker = WaitForWorker(mark);
        stop.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => run.GetAwaiter().GetResult());
        Assert.False(Directory.Exists($"/proc/{worker}"));
    }

    [Fact]
    public void One_that_was_stopped_before_starts_no_worker()
    {
        Dictionary<string, string?> environment = Marked(Plain, out string mark);
        Assert.ThrowsAny<OperationCanceledException>(() => Run(Small, environment, new CancellationToken(canceled: true)));
        Assert.Empty(WorkersWith(mark));
    }

    [SkippableFact]
    public void Huge_requests_and_answers_come_through()
    {
        NeedTask();
        // 20,000 traces are about 12 MB of JSON, far more than a pipe holds; refused ones take no memory.
        ulong[] sizes = [.. Enumerable.Range(0, 20_000).Select(i => (1UL << 63) + (ulong)i)];
        AllocationAnswer answer = Run(new(AllocationExperiment.Trace, sizes) { KeepTop = true }, Plain);
        Assert.Equal(sizes, answer.Traces.Select(trace => trace.Size));
    }

    [SkippableFact]
    public void A_worker_whose_parent_is_another_process_than_it_was_told_gives_up()
    {
        NeedTask();
        ProcessResult result = RunDirectly(ProcessMemTools.Command, Small, parent: 1);
        Assert.Equal(1, result.ExitCode);
        Assert.DoesNotContain(WorkerProtocol.ReplyMark, result.Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void The_command_line_tool_can_be_a_worker()
    {
        NeedTask();
        AssertAnswers(RunDirectly(ProcessMemTools.Command, Small, Environment.ProcessId));
    }

    [SkippableFact]
    public void The_command_line_tool_in_one_file_can_be_a_worker()
    {
        NeedTask();
        string? file = Environment.GetEnvironmentVariable("MEMTOOLS_SINGLE_FILE");
        Skip.If(file is null, "MEMTOOLS_SINGLE_FILE names no published memtools; ./build.ps1 -Task Pack makes one in out/");
        AssertAnswers(RunDirectly([file!], Small, Environment.ProcessId));
    }

    private static AllocationRequest Small => new(AllocationExperiment.Trace, [64]);

    private static AllocationAnswer Run(
        AllocationRequest request, Dictionary<string, string?> environment, CancellationToken cancellation = default) =>
        Worker.Run(AllocationWork.Task, request, environment, cancellation);

    private static void NeedTask() => Skip.IfNot(GlibcMalloc.Current is { HasInfo: true }, "the task needs glibc 2.33 or newer");

    private static Dictionary<string, string?> Deed(CProgram library, string deed) =>
        new() { ["LD_PRELOAD"] = library.Path, ["MEMTOOLS_TEST_DEED"] = deed };

    private static Dictionary<string, string?> Marked(Dictionary<string, string?> environment, out string mark)
    {
        mark = $"MEMTOOLS_TEST_MARK={Guid.NewGuid():N}";
        return new(environment) { ["MEMTOOLS_TEST_MARK"] = mark.Split('=')[1] };
    }

    private static int WaitForWorker(string mark)
    {
        Stopwatch patience = Stopwatch.StartNew();
        while (true)
        {
            if (WorkersWith(mark) is [int worker, ..])
                return worker;
            Assert.True(patience.Elapsed < Waited.Longest, "The worker never started.");
            Thread.Sleep(10);
        }
    }

    private static int[] WorkersWith(string mark) =>
        [.. Directory.GetDirectories("/proc").Select(folder => (Folder: folder, Id: IdOf(folder))).Where(one => one.Id > 0 && Has(one.Folder, mark)).Select(one => one.Id)];

    private static int IdOf(string folder) =>
        int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : 0;

    private static bool Has(string folder, string mark)
    {
        try
        {
            return File.ReadAllText($"{folder}/environ").Contains(mark, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Starts a program as a worker, without what starts workers; with no parent named it asks for none.</summary>
    internal static ProcessResult RunDirectly(string[] command, AllocationRequest request, int? parent)
    {
        ProcessStartInfo start = new(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[WorkerProtocol.TaskVariable] = AllocationWork.Task.Name;
        start.Environment[WorkerProtocol.ParentVariable] = parent?.ToString(CultureInfo.InvariantCulture);
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        try
        {
            process.StandardInput.Write(AllocationWork.Task.Write(request));
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It gave up before it read anything.
        }

        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new(process.ExitCode, output, error.Result);
    }

    private static void AssertAnswers(ProcessResult result)
    {
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.StartsWith(WorkerProtocol.ReplyMark, result.Output, StringComparison.Ordinal);
        Assert.Contains("135168", result.Output.Replace("\\u0022", "\"", StringComparison.Ordinal), StringComparison.Ordinal);
    }
}
