using System.Runtime.InteropServices;
using System.Runtime.CompilerServices;
using MemTools.Native;

namespace MemTools.Kernel;

/// <summary>
/// A system call failed. The message names the call, the errno and the path:
/// <c>sendfile: ENOSPC on '/mnt/x': No space left on device</c>.
/// </summary>
public sealed class SystemCallException : IOException, IHasErrorKind
{
    internal SystemCallException(string call, Errno errno, string path)
        : base($"{call}: {errno} on '{path}': {Marshal.GetPInvokeErrorMessage((int)errno)}", (int)errno)
    {
        Call = call;
        Errno = errno;
        Path = path;
    }

    /// <summary>The system call, as its manual page is called.</summary>
    public string Call { get; }

    /// <summary>The file, directory or pair of files that the call was about.</summary>
    public string Path { get; }

    /// <summary>The symbolic name of the error number, such as <c>ENOSPC</c> (errno(3)).</summary>
    public string ErrorName => Errno.ToString();

    /// <summary>The kind of failure.</summary>
    public ErrorKind Kind => ErrnoMapping.KindOf(Errno);

    internal Errno Errno { get; }

    /// <summary>Passes a result through, and throws where it is a negative errno.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal static long Check(long result, string call, NativePath path) =>
        result >= 0 ? result : throw new SystemCallException(call, KernelResult.ErrnoOf(result), path.ToString());
}
