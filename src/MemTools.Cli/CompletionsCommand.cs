using System.CommandLine;

namespace MemTools.Cli;

/// <summary><c>memtools completions bash</c>: the script that makes a shell ask memtools itself for completions.</summary>
internal static class CompletionsCommand
{
    private const string Bash = """
        _memtools() {
            local IFS=$'\n' word="${COMP_WORDS[COMP_CWORD]}"
            COMPREPLY=($(compgen -W "$(memtools "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "$word"))
            if [[ ${#COMPREPLY[@]} -eq 0 || $word != -* ]]; then
                COMPREPLY+=($(compgen -f -- "$word"))
            fi
        }
        complete -o filenames -F _memtools memtools
        """;

    private const string Zsh = """
        autoload -U +X bashcompinit && bashcompinit
        """ + "\n" + Bash;

    private const string Fish = """
        function __memtools_complete
            set -l line (commandline -cp)
            memtools "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c memtools -a '(__memtools_complete)'
        """;

    internal static Command Create()
    {
        Argument<string> shell = new("SHELL") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        Command command = new("completions", "Prints the completion script of a shell: eval \"$(memtools completions bash)\".")
        {
            shell,
        };
        command.SetAction(parsed => Console.Out.WriteLine(parsed.GetRequiredValue(shell) switch
        {
            "zsh" => Zsh,
            "fish" => Fish,
            _ => Bash,
        }));
        return command;
    }
}
