using MemTools.Kernel;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer.Jobs;

/// <summary>Whom the workers of a job tell what they come across; from any of them.</summary>
internal abstract class SyncListener
{
    internal abstract void Skipped();

    internal abstract void Refreshed();

    internal abstract void Retrying(NativePath source, Exception error, int number);

    internal abstract void Warn(NativePath source, string text);

    /// <summary>A name that the source lacks.</summary>
    internal abstract void Extra(TreeDirectory directory, NativePath name);

    /// <summary>A source directory that could not be read to its end.</summary>
    internal abstract void Incomplete();

    /// <summary>Something in the destination that stands in the way; true where it went.</summary>
    internal abstract bool Clear(TreeDirectory directory, Descriptor destination, NativePath name);
}
