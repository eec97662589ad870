using MemTools.Tests.Support;

namespace MemTools.Tests.Cli;

/// <summary>memtools send and memtools receive, as a shell's user meets them.</summary>
public sealed class SendReceiveTests : IDisposable
{
    private readonly ProcessFolder _folder = new();
    private readonly string _inbox;
    private readonly string _socket;
    private readonly string _target;

    public SendReceiveTests()
    {
        _inbox = _folder.MakeFolder("in");
        _socket = _folder["s"];
        _target = "memtools+unix://" + _socket;
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_tree_arrives_and_both_ends_exit_with_zero()
    {
        _folder.MakeFolder("tree");
        string file = _folder.Write("tree/file", 3_000_000, seed: 1);
        using ProcessRun receiver = Receive("--count", "1", "--json");
        ProcessResult sent = ProcessMemTools.Run("send", "-r", "--json", _folder["tree"], _target);
        ProcessResult received = receiver.Wait();
        Assert.True(sent.ExitCode == 0, sent.ToString());
        Assert.True(received.ExitCode == 0, received.ToString());
        // The first line is what senders take, and nothing else.
        Assert.Equal($"{_target}?v=1&key=no", received.Error.Split('\n')[0]);
        Assert.Contains(ProcessReport.AllOf(sent), one => one.Status == "Sent");
        Assert.Contains("\"Source\":\"tree/file\"", received.Output, StringComparison.Ordinal);
        Assert.Equal(ProcessFolder.Hash(file), ProcessFolder.Hash(Path.Combine(_inbox, "tree/file")));
        Assert.False(File.Exists(_socket));
    }

    [Fact]
    public void What_cannot_be_sent_fails_alone()
    {
        string file = _folder.Write("file", 1000, seed: 1);
        using ProcessRun receiver = Receive("--count", "1");
        ProcessResult sent = ProcessMemTools.Run("send", "--json", _folder["missing"], _inbox, file, _target);
        Assert.Equal(1, sent.ExitCode);
        Assert.Equal(["Failed", "Failed", "Sent"], ProcessReport.AllOf(sent).Select(one => one.Status).Order());
        Assert.Contains("--recursive", sent.Error, StringComparison.Ordinal);
        Assert.Equal(0, receiver.Wait().ExitCode);
        Assert.Equal(["file"], Directory.GetFileSystemEntries(_inbox).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData(ProcessRun.Interrupt, 130)]
    [InlineData(ProcessRun.Terminate, 143)]
    [InlineData(ProcessRun.HangUp, 129)]
    public void A_receiver_goes_on_until_it_is_stopped(int signal, int code)
    {
        string file = _folder.Write("file", 1000, seed: 1);
        using ProcessRun receiver = Receive();
        for (int i = 0; i < 2; i++)
            Assert.Equal(0, ProcessMemTools.Run("send", "--quiet", file, _target).ExitCode);
        Assert.False(receiver.HasExited);
        receiver.Signal(signal);
        ProcessResult end = receiver.Wait();
        Assert.True(end.ExitCode == code, end.ToString());
        Assert.EndsWith("memtools: stopped.\n", end.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_socket));
    }

    [Fact]
    public void A_key_is_a_file_that_others_cannot_read_or_the_environment_and_is_never_shown()
    {
        const string secret = "a secret that is long enough";
        string key = _folder["key"];
        File.WriteAllText(key, secret + "\n");
        ProcessRun.Require("chmod", "644", key);
        ProcessResult refused = ProcessMemTools.Run("receive", _inbox, "--key-path", key);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("chmod 600", refused.Error, StringComparison.Ordinal);
        ProcessRun.Require("chmod", "600", key);
        using ProcessRun receiver = Receive("--key-path", key, "--count", "1", "--verbose");
        ProcessResult without = ProcessMemTools.Run("send", key, _target);
        Assert.Equal(2, without.ExitCode);
        Assert.Contains("--key-path", without.Error, StringComparison.Ordinal);
        string line = $"MEMTOOLS_KEY={ProcessMemTools.Quote(secret)} {ProcessMemTools.ShellCommand} send -v --json /etc/passwd '{_target}'";
        ProcessResult sent = ProcessRun.Execute("sh", "-c", line);
        Assert.True(sent.ExitCode == 0, sent.ToString());
        ProcessResult received = receiver.Wait();
        Assert.Equal(0, received.ExitCode);
        Assert.Contains("key=yes", received.Error, StringComparison.Ordinal);
        Assert.Contains("warning: ", received.Error, StringComparison.Ordinal);
        Assert.All([refused, without, sent, received], one => Assert.DoesNotContain(secret, one.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void Raw_bytes_go_through_pipes_from_standard_output_to_standard_input()
    {
        string file = _folder.Write("file", 3_000_000, seed: 1);
        string got = _folder["got"];
        string line = $"{ProcessMemTools.ShellCommand} send '{file}' - | {ProcessMemTools.ShellCommand} receive --json - '{got}'";
        ProcessResult end = ProcessRun.Execute("sh", "-c", line);
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.Equal("Received", Assert.Single(ProcessReport.AllOf(end)).Status);
        Assert.Contains("\"Method\":\"Splice\"", end.Output, StringComparison.Ordinal);
        Assert.Equal(ProcessFolder.Hash(file), ProcessFolder.Hash(got));
        ProcessResult through = ProcessRun.Execute("sh", "-c", $"printf abc | {ProcessMemTools.ShellCommand} send --length 2 - - 2>/dev/null");
        Assert.Equal("ab", through.Output);
    }

    [Theory]
    [InlineData("send a b", "memtools://")]
    [InlineData("send - memtools://127.0.0.1:9", "Standard input")]
    [InlineData("send a memtools://127.0.0.1:9 --verify Compare", "--verify Compare")]
    [InlineData("send a memtools://127.0.0.1:9 --method Reflink", "--method Reflink")]
    [InlineData("send a memtools://127.0.0.1:9 --include x", "--recursive")]
    [InlineData("send a memtools://127.0.0.1:9 --length 5", "use it with -")]
    [InlineData("send a - --connection-count 2", "raw bytes")]
    [InlineData("send a memtools://127.0.0.1:9?key=yes", "--key-path or MEMTOOLS_KEY")]
    [InlineData("receive /nowhere", "create it first")]
    [InlineData("receive a b", "two arguments")]
    [InlineData("receive - b --count 1", "raw bytes")]
    [InlineData("receive / --address localhost", "127.0.0.1")]
    [InlineData("receive / --address 0.0.0.0", "--key-path or MEMTOOLS_KEY")]
    [InlineData("receive / --method Splice", "use it with -")]
    public void Misuse_exits_with_two_and_says_what_would_work(string arguments, string says)
    {
        ProcessResult result = ProcessRun.Execute(["env", "-u", "MEMTOOLS_KEY", .. ProcessMemTools.Command, .. arguments.Split(' ')]);
        Assert.True(result.ExitCode == 2, result.ToString());
        Assert.StartsWith("memtools: ", result.Error, StringComparison.Ordinal);
        Assert.Contains(says, result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    private ProcessRun Receive(params string[] options)
    {
        ProcessRun run = ProcessRun.Start(
            ["env", "-u", "MEMTOOLS_KEY", .. ProcessMemTools.Command, "receive", _inbox, "--unix-socket", _socket, .. options]);
        Waited.For(() => File.Exists(_socket) || run.HasExited);
        return run;
    }
}
