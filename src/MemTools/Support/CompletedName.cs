using System.Management.Automation.Language;

namespace MemTools.Commands.Support;

/// <summary>Names as tab completion writes them.</summary>
internal static class CompletedName
{
    /// <summary>In quotes where PowerShell would take the name apart.</summary>
    internal static string Quoted(string name) =>
        name.All(letter => char.IsLetterOrDigit(letter) || letter is '.' or '-' or '_' or '/') && !name.StartsWith('-')
            ? name
            : $"'{CodeGeneration.EscapeSingleQuotedStringContent(name)}'";
}
