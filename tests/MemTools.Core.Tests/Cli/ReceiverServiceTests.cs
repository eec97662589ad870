using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using MemTools.Tests.Support;

namespace MemTools.Tests.Cli;

/// <summary>memtools receive as a service, and the units of docs/guides/receiver-service.md.</summary>
public sealed class ReceiverServiceTests : IDisposable
{
    private readonly ProcessFolder _folder = new();
    private readonly string _inbox;

    public ReceiverServiceTests() => _inbox = _folder.MakeFolder("in");

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void The_socket_of_systemd_is_listened_at_and_left_to_it()
    {
        string activate = Tool.Need("systemd-socket-activate", "systemd");
        string socket = _folder["s"];
        string file = _folder.Write("file", 100_000, seed: 1);
        using ProcessRun service = ProcessRun.Start([activate, "-l", socket, .. ProcessMemTools.Command, "receive", _inbox, "--timeout-sec", "1"]);
        Waited.For(() => File.Exists(socket) || service.HasExited);
        ProcessResult sent = ProcessMemTools.Run("send", "-q", file, "memtools+unix://" + socket);
        Assert.True(sent.ExitCode == 0, sent.ToString());
        // Nobody comes any more, and whoever listens for it starts it again: that is no failure.
        ProcessResult end = service.Wait();
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.Contains($"memtools+unix://{socket}?v=1&key=no\n", end.Error, StringComparison.Ordinal);
        Assert.Equal(ProcessFolder.Hash(file), ProcessFolder.Hash(Path.Combine(_inbox, "file")));
        Assert.True(File.Exists(socket));
    }

    [Theory]
    [InlineData("LISTEN_FDS=2", "", "systemd passed 2 sockets")]
    [InlineData("LISTEN_FDS=1", "3</dev/null", "descriptor 3 is none")]
    public void Sockets_that_cannot_be_served_are_refused(string variable, string redirection, string says)
    {
        ProcessResult end = ProcessRun.Execute("sh", "-c", $"LISTEN_PID=$$ {variable} exec {ProcessMemTools.ShellCommand} receive '{_inbox}' {redirection}");
        Assert.True(end.ExitCode == 2, end.ToString());
        Assert.Contains(says, end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Sockets_of_another_process_are_no_concern_and_the_manager_is_told_the_state()
    {
        string path = _folder["notify"];
        using Socket manager = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = (int)Waited.Longest.TotalMilliseconds };
        manager.Bind(new UnixDomainSocketEndPoint(path));
        using ProcessRun service = ProcessRun.Start(
            ["env", "-u", "MEMTOOLS_KEY", "LISTEN_PID=1", "LISTEN_FDS=1", "NOTIFY_SOCKET=" + path, .. ProcessMemTools.Command, "receive", _inbox]);
        Assert.StartsWith("READY=1\nSTATUS=Listening at memtools://127.0.0.1:", Message(manager), StringComparison.Ordinal);
        service.Signal(ProcessRun.Terminate);
        Assert.Equal("STOPPING=1", Message(manager));
        Assert.Equal(143, service.Wait().ExitCode);
    }

    [Fact]
    public void A_journal_gets_a_sentence_an_item_and_priorities()
    {
        string file = _folder.Write("file", 100, seed: 1);
        string socket = _folder["s"];
        string log = _folder["log"];
        File.WriteAllText(log, string.Empty);
        string line = $"JOURNAL_STREAM=$(stat -c %d:%i '{log}') exec {ProcessMemTools.ShellCommand} receive '{_inbox}' --unix-socket '{socket}' 2>'{log}'";
        using ProcessRun service = ProcessRun.Start(["sh", "-c", line]);
        Waited.For(() => File.Exists(socket) || service.HasExited);
        Assert.Equal(0, ProcessMemTools.Run("send", "-q", file, "memtools+unix://" + socket).ExitCode);
        service.Signal(ProcessRun.Terminate);
        ProcessResult end = service.Wait();
        Assert.Matches($@"^Received '{_inbox}/file' from .*: 100 B in ", end.Output);
        Assert.EndsWith("<6>stopped.\n", File.ReadAllText(log), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void The_units_of_the_guide_are_what_systemd_understands_and_finds_safe()
    {
        string analyze = Tool.Need("systemd-analyze", "systemd");
        string guide = File.ReadAllText(Path.Combine(Repository.Root, "docs/guides/receiver-service.md"));
        string[] names = ["memtools-receive.service", "memtools-receive.socket"];
        foreach (string name in names)
        {
            Match unit = Regex.Match(guide, $@"(?ms)^`/etc/systemd/system/{Regex.Escape(name)}`.*?^```ini\n(.*?)^```");
            Assert.True(unit.Success, $"The guide has no {name}.");
            // The program and its user are the test's: systemd looks whether they are there.
            File.WriteAllText(_folder[name], unit.Groups[1].Value.Replace("/usr/local/bin/memtools", "/bin/true", StringComparison.Ordinal));
        }

        ProcessResult verified = ProcessRun.Execute([analyze, "verify", "--man=no", .. names.Select(name => _folder[name])]);
        Assert.DoesNotContain("memtools-receive", verified.Output + verified.Error, StringComparison.Ordinal);
        ProcessResult safe = ProcessRun.Execute(analyze, "security", "--offline=yes", "--no-pager", "--threshold=15", _folder[names[0]]);
        Skip.If(safe.Error.Contains("unrecognized option", StringComparison.Ordinal), "This systemd cannot judge a unit offline.");
        Assert.True(safe.ExitCode == 0, safe.ToString());
    }

    private static string Message(Socket manager)
    {
        byte[] buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, manager.Receive(buffer));
    }
}
