using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Trees;

/// <summary>
/// What a directory takes from its source, set when all that is in it is done: before that, writing in it would change
/// its times, and a mode without write permission would forbid it.
/// </summary>
internal static class DirectoryFinish
{
    [MethodImpl(Compilation.AtOnce)]
    internal static TreeOutcome Apply(TreeDirectory directory, TreeCopyOptions options, NativePath source)
    {
        List<string> warnings = [];
        string replacement = directory.IsNew || !directory.HasDestination ? "New" : "Merged";
        if (!options.PlanOnly)
        {
            using TreeLease lease = directory.Acquire();
            DirectoryMetadata.Copy(lease.Source, lease.Destination!, lease.DestinationPath, directory.Status, options.File.Preserve, warnings);
        }

        return new()
        {
            Source = source.ToString(),
            Result = TreeResults.Of(
                source,
                directory.DestinationPath(),
                options.PlanOnly ? "WouldCopy" : "Copied",
                Statx.TypeDirectory,
                0,
                replacement,
                directory.Started,
                warnings: warnings.Count == 0 ? ResultList<string>.None : new(warnings)),
        };
    }
}
