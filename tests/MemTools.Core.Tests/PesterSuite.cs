using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Xunit.Abstractions;

namespace MemTools.Tests;

/// <summary>
/// Runs the tests of the cmdlets, file by file, on the pwsh that is on PATH, against the module that the build has
/// just laid out. The counts of each file go to TestResults/pester-summary.txt too.
/// </summary>
public sealed class PesterSuite(ITestOutputHelper output)
{
    /// <summary>The longest takes four minutes on two processors that have nothing else to do.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(40);

    private static readonly TimeSpan PatienceWithOutput = TimeSpan.FromMinutes(1);

    private static readonly string Root = FindRoot();

    private static readonly string Summary = NewSummary();

    private static readonly object Gate = new();

    private static readonly SemaphoreSlim Turns = new(2);

    private static Dictionary<string, Task<Result>>? s_runs;

    public static TheoryData<string> Files() => [.. FileNames()];

    [SkippableTheory]
    [MemberData(nameof(Files))]
    public async Task Passes(string file)
    {
        string? shell = FindShell();
        Skip.If(shell is null, "No pwsh is on PATH: https://aka.ms/install-powershell");
        Result result = await Started(shell)[file];
        output.WriteLine(result.Text);
        Skip.If(result.Pester is null, $"pwsh {result.Shell} has no Pester 5: Install-PSResource Pester");

        string counts = $"{file}: {result.Passed} passed, {result.Failed} failed, {result.Skipped} skipped on pwsh {result.Shell}";
        output.WriteLine(counts);
        await File.AppendAllLinesAsync(Summary, [counts]);
        StringBuilder failures = new();
        foreach (Failure failure in result.Failures)
            failures.AppendLine().Append(failure.Name).AppendLine().Append("    ").Append(failure.Message);
        Assert.True(result.Failed == 0, counts + failures);
        Assert.True(result.Passed > 0, $"{file} holds no test that ran.");
    }

    private static IEnumerable<string> FileNames() =>
        Directory.EnumerateFiles(Path.Combine(Root, "tests", "pester"), "*.Tests.ps1")
            .Select(path => Path.GetFileName(path))
            .Order(StringComparer.Ordinal);

    /// <summary>All files, two at a time: much of their time is waiting for shells.</summary>
    private static Dictionary<string, Task<Result>> Started(string shell)
    {
        lock (Gate)
            return s_runs ??= FileNames().ToDictionary(file => file, file => Task.Run(() => RunInTurn(shell, file)));
    }

    private static async Task<Result> RunInTurn(string shell, string file)
    {
        await Turns.WaitAsync();
        try
        {
            return await Run(shell, file);
        }
        finally
        {
            Turns.Release();
        }
    }

    private static async Task<Result> Run(string shell, string file)
    {
        string resultPath = Path.GetTempFileName();
        try
        {
            string folder = Path.Combine(Root, "tests", "pester");
            ProcessStartInfo start = new(shell)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = Root,
            };
            foreach (string word in (string[])["-NoProfile", "-NonInteractive", "-File", Path.Combine(folder, "Invoke-Suite.ps1")])
                start.ArgumentList.Add(word);
            foreach (string word in (string[])["-Path", Path.Combine(folder, file), "-ResultPath", resultPath])
                start.ArgumentList.Add(word);
            start.Environment["MEMTOOLS_MODULE"] = Module();
            start.Environment["NO_COLOR"] = "1";
            // The test host's own settings are not for a shell of another .NET.
            start.Environment.Remove("DOTNET_ROOT");

            using Process process = Process.Start(start)!;
            process.StandardInput.Close();
            Task<string> said = process.StandardOutput.ReadToEndAsync();
            Task<string> complained = process.StandardError.ReadToEndAsync();
            using CancellationTokenSource timeout = new(Patience);
            try
            {
                await process.WaitForExitAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync();
            }

            // Whatever it started and left behind has its output too, and may keep it open for ever.
            Task<string[]> all = Task.WhenAll(said, complained);
            bool isAll = await Task.WhenAny(all, Task.Delay(PatienceWithOutput)) == all;
            string text = isAll ? string.Concat(await all) : "What it left running keeps its output open.";
            string json = await File.ReadAllTextAsync(resultPath);
            Assert.True(json.Length > 0, $"{file} came to no result, pwsh ended with {process.ExitCode}:\n{text}");
            return JsonSerializer.Deserialize<Result>(json)! with { Text = text };
        }
        finally
        {
            File.Delete(resultPath);
        }
    }

    /// <summary>Where src/MemTools/MemTools.csproj lays the module out for the configuration of this build.</summary>
    private static string Module()
    {
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        string folder = configuration == "Release" ? "out" : Path.Combine("out", configuration);
        return Path.Combine(Root, folder, "MemTools");
    }

    private static string? FindShell() =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, "pwsh"))
            .FirstOrDefault(File.Exists);

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "MemTools.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests run outside of the repository.");
    }

    private static string NewSummary()
    {
        string folder = Path.Combine(Root, "TestResults");
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, "pester-summary.txt");
        File.Delete(path);
        return path;
    }

    private sealed record Failure(string Name, string Message);

    private sealed record Result(
        string? Pester, string Shell, int Passed, int Failed, int Skipped, IReadOnlyList<Failure>? Failures)
    {
        public IReadOnlyList<Failure> Failures { get; } = Failures ?? [];

        public string Text { get; init; } = string.Empty;
    }
}
