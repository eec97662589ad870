using System.Text.RegularExpressions;

namespace MemTools.Cli;

/// <summary>The core names options as PowerShell does: what is -InPlace there is --in-place here.</summary>
internal static partial class CommandLineTerms
{
    /// <summary>A key stands on no command line, where everybody on the host could read it.</summary>
    private const string SecretOption = ", -Key";

    internal static string Of(string message) => PowerShellOption().Replace(message.Replace(SecretOption, string.Empty, StringComparison.Ordinal), match => match.Value switch
    {
        "-Recurse" => "--recursive",
        "-LogPath" => "--log",
        _ => "-" + Capital().Replace(match.Value[1..], "-$0").ToLowerInvariant(),
    });

    /// <summary>At the beginning of a word: a path may hold anything.</summary>
    [GeneratedRegex("(?<=^| )-[A-Z][A-Za-z]+(?![A-Za-z/])")]
    private static partial Regex PowerShellOption();

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();
}
