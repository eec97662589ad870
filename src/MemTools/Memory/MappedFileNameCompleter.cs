using MemTools.Memory;

namespace MemTools.Commands.Support;

/// <summary>Completes the names of the mapped files that are open.</summary>
public sealed class MappedFileNameCompleter : NameCompleter
{
    private protected override IEnumerable<(string Name, string ToolTip)> Live() =>
        MappedFile.GetAll().Select(file => (file.Name, $"{file.Path} ({file.Mode})"));
}
