using MemTools.Tests.Support;

namespace MemTools.Tests.Cli;

/// <summary>The completion scripts, evaluated by the shells that they are for.</summary>
public sealed class CompletionTests
{
    [Theory]
    [InlineData("memtools co", "copy")]
    [InlineData("memtools copy --meth", "--method")]
    [InlineData("memtools copy --method Ref", "Reflink")]
    [InlineData("memtools copy --preserve Har", "HardLinks")]
    [InlineData("memtools copy --verify Sh", "Sha256")]
    [InlineData("memtools comp", "compare")]
    [InlineData("memtools compare --cache Co", "Cold")]
    [InlineData("memtools compare --method Sp", "Splice")]
    [InlineData("memtools rec", "receive")]
    [InlineData("memtools send --method Sp", "Splice")]
    [InlineData("memtools send --verify Sh", "Sha256")]
    [InlineData("memtools completions ba", "bash")]
    public void BashCompletes(string line, string expected) => Assert.Contains(expected, Complete(line));

    [Fact]
    public void BashCompletesFileNames()
    {
        using ProcessFolder folder = new();
        folder.Write("some-source", 1, seed: 1);
        Assert.Contains(folder["some-source"], Complete($"memtools copy {folder["some-s"]}"));
    }

    [SkippableTheory]
    [InlineData("zsh", "-n")]
    [InlineData("fish", "--no-execute")]
    public void OtherShellsCanReadTheirs(string shell, string readOnly)
    {
        Skip.If(ProcessRun.Execute("sh", "-c", $"command -v {shell}").ExitCode != 0, $"{shell} is not installed.");
        ProcessRun.Require("sh", "-c", $"{ProcessMemTools.ShellCommand} completions {shell} | {shell} {readOnly} /dev/stdin");
    }

    private static string[] Complete(string line)
    {
        string script = $$"""
            memtools() { {{ProcessMemTools.ShellCommand}} "$@"; }
            eval "$(memtools completions bash)"
            COMP_LINE={{ProcessMemTools.Quote(line)}}
            COMP_POINT=${#COMP_LINE}
            read -ra COMP_WORDS <<< "$COMP_LINE"
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            $(complete -p memtools | sed 's/.*-F \([^ ]*\).*/\1/') memtools
            printf '%s\n' "${COMPREPLY[@]}"
            """;
        ProcessResult result = ProcessRun.Execute("bash", "-c", script);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output.Split('\n');
    }
}
