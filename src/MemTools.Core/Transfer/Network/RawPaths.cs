using MemTools.Kernel;

namespace MemTools.Transfer.Network;

/// <summary>Paths of users, and the errors of opening them, for moves without a protocol.</summary>
internal static class RawPaths
{
    /// <exception cref="TransferException">The path cannot be one.</exception>
    internal static NativePath From(string path)
    {
        try
        {
            return NativePath.From(path);
        }
        catch (ArgumentException e)
        {
            throw new TransferException(ErrorKind.Misuse, e.Message, e);
        }
    }

    /// <summary>Does the work; a call that failed is told as every copy tells it.</summary>
    internal static FileTransferResult Guarded(string path, Func<FileTransferResult> work)
    {
        try
        {
            return work();
        }
        catch (SystemCallException e)
        {
            throw FileCopySession.Describe(e, path);
        }
    }
}
