using System.Text.RegularExpressions;
using MemTools.Tests.Support;

namespace MemTools.Tests.Cli;

/// <summary>
/// What docs/guides/unattended-jobs.md has for cron, systemd and the shell, run as it stands there: only the folders are
/// the test's, and mail goes to a program that keeps it. The PowerShell of it is run by UnattendedJobs.Tests.ps1.
/// </summary>
public sealed partial class UnattendedGuideTests : IDisposable
{
    private readonly ProcessFolder _folder = new();
    private readonly string _guide;

    public UnattendedGuideTests()
    {
        _folder.MakeFolder("source");
        _folder.Write("source/file", 1000, seed: 1);
        _folder.MakeFolder("bin");
        Script("memtools", $"exec {ProcessMemTools.ShellCommand} \"$@\"");
        Script("mail", $"{{ echo \"$@\"; cat; }} > '{_folder["mailed"]}'");
        Script("journalctl", "echo \"the journal: $@\"");
        _guide = File.ReadAllText(Path.Combine(Repository.Root, "docs/guides/unattended-jobs.md"))
            .Replace("/srv/data /mnt/backup/data", $"{_folder["source"]} {_folder["destination"]}", StringComparison.Ordinal)
            .Replace("/usr/local/bin/memtools", _folder["bin/memtools"], StringComparison.Ordinal)
            .Replace("/var/log/nightly-sync.jsonl", _folder["job.jsonl"], StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_line_for_cron_is_silent_unless_the_job_fails()
    {
        ProcessResult done = RunCronLine();
        Assert.True(done is { ExitCode: 0, Output: "", Error: "" }, done.ToString());
        Assert.True(File.Exists(_folder["destination/file"]));
        Directory.Delete(_folder["source"], recursive: true);
        ProcessResult failed = RunCronLine();
        Assert.Contains("exit code 2", failed.Output, StringComparison.Ordinal);
        Assert.Contains("\"NotBegun\"", failed.Output, StringComparison.Ordinal);
        Assert.Contains("does not exist", failed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_service_copies_and_its_failure_is_mailed()
    {
        string service = Unit("nightly-sync.service");
        ProcessResult done = Shell(Setting(service, "ExecStart"));
        Assert.True(done is { ExitCode: 0, Output: "", Error: "" }, done.ToString());
        Assert.True(File.Exists(_folder["destination/file"]));
        Assert.Equal("nightly-sync-failed.service", Setting(service, "OnFailure"));
        string mailing = Setting(Unit("nightly-sync-failed.service"), "ExecStart").Replace("%H", "host", StringComparison.Ordinal);
        Assert.Equal(0, Shell(mailing).ExitCode);
        Assert.Equal(
            "-s Backup of host failed root\nthe journal: -u nightly-sync.service -n 50 --no-pager\n", File.ReadAllText(_folder["mailed"]));
    }

    [SkippableFact]
    public void The_units_are_what_systemd_understands()
    {
        string analyze = Tool.Need("systemd-analyze", "systemd");
        string[] names = ["nightly-sync.service", "nightly-sync-failed.service", "nightly-sync.timer"];
        foreach (string name in names)
            File.WriteAllText(_folder[name], Unit(name));
        ProcessResult result = ProcessRun.Execute([analyze, "verify", "--man=no", .. names.Select(name => _folder[name])]);
        Assert.DoesNotContain("nightly-sync", result.Output + result.Error, StringComparison.Ordinal);
        string calendar = Setting(Unit("nightly-sync.timer"), "OnCalendar");
        ProcessResult time = ProcessRun.Execute(analyze, "calendar", calendar);
        Assert.True(time.ExitCode == 0, time.ToString());
    }

    [SkippableFact]
    public void The_log_is_read_with_jq()
    {
        Tool.Need("jq", "jq");
        _folder.MakeFolder("destination/file");
        string sync = Setting(Unit("nightly-sync.service"), "ExecStart").Replace(" --delete --maximum-delete 1000", string.Empty, StringComparison.Ordinal);
        Assert.Equal(1, Shell(sync).ExitCode);
        ProcessResult read = Shell(Regex.Match(_guide, @"(?ms)^```sh\n(.*?)^```").Groups[1].Value);
        Assert.True(read.ExitCode == 0, read.ToString());
        Assert.EndsWith("\t" + _folder["source/file"] + "\n", read.Output, StringComparison.Ordinal);
    }

    private ProcessResult RunCronLine()
    {
        // Five fields of time, then what cron hands to /bin/sh.
        string line = CronLine().Match(_guide).Groups[1].Value;
        Assert.DoesNotContain('%', line);
        return Shell(line);
    }

    private string Unit(string name)
    {
        Match unit = Regex.Match(_guide, $@"(?ms)^`/etc/systemd/system/{Regex.Escape(name)}`.*?^```ini\n(.*?)^```");
        Assert.True(unit.Success, $"The guide has no {name}.");
        return unit.Groups[1].Value;
    }

    private static string Setting(string unit, string name) => Regex.Match(unit, $"(?m)^{name}=(.*)$").Groups[1].Value;

    private ProcessResult Shell(string line) =>
        ProcessRun.Execute("env", $"PATH={_folder["bin"]}:{Environment.GetEnvironmentVariable("PATH")}", "/bin/sh", "-c", line);

    private void Script(string name, string line)
    {
        string path = _folder["bin/" + name];
        File.WriteAllText(path, $"#!/bin/sh\n{line}\n");
        ProcessRun.Require("chmod", "+x", path);
    }

    [GeneratedRegex(@"(?m)^\d+ \d+ \S+ \S+ \S+ (.*)$")]
    private static partial Regex CronLine();
}
