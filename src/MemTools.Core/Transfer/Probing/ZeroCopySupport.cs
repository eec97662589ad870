using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Probing;

/// <summary>
/// What this kernel, file systems and network interfaces can do for copies without copies. Nothing is looked up in
/// tables: each feature is tried, or the driver is asked.
/// </summary>
public static class ZeroCopySupport
{
    /// <summary>The network interfaces of this host, or of this container.</summary>
    public static IReadOnlyList<string> Interfaces => InterfaceFeatures.Names();

    /// <summary>Tries the features of the file system that a path is on.</summary>
    /// <param name="path">A file or a directory; only a scratch file beside or in it is written.</param>
    /// <param name="mayBeNew">Whether a path that does not exist yet stands for the directory that it would be in.</param>
    /// <param name="stop">Ends the trials.</param>
    /// <exception cref="SystemCallException">The path cannot be opened.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static IEnumerable<ZeroCopyFeature> OfFileSystem(
        string path, bool mayBeNew = false, CancellationToken stop = default)
    {
        using ProbedPlace place = ProbedPlace.Open(NativePath.From(path), mayBeNew);
        foreach ((string feature, FeatureAnswer answer) in FileSystemProbe.Run(place, stop))
        {
            stop.ThrowIfCancellationRequested();
            yield return answer.For("FileSystem", place.Path.ToString(), place.FileSystem, feature);
        }
    }

    /// <summary>Tries the methods that copy from one path to another.</summary>
    /// <param name="path">A file or a directory to copy from.</param>
    /// <param name="destination">A file or a directory to copy to; a file need not exist yet.</param>
    /// <param name="stop">Ends the trials.</param>
    /// <exception cref="SystemCallException">A path cannot be opened.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static IEnumerable<ZeroCopyFeature> OfPair(string path, string destination, CancellationToken stop = default)
    {
        using ProbedPlace from = ProbedPlace.Open(NativePath.From(path));
        using ProbedPlace to = ProbedPlace.Open(NativePath.From(destination), mayBeNew: true);
        string fileSystems = $"{from.FileSystem ?? "?"} to {to.FileSystem ?? "?"}";
        foreach (CopyMethod method in CopyTrial.Methods)
        {
            stop.ThrowIfCancellationRequested();
            FeatureAnswer answer = CopyTrial.Run(method, from, to, stop);
            yield return answer.For("Pair", $"{from.Path} to {to.Path}", fileSystems, method.ToString());
        }
    }

    /// <summary>Asks the driver of a network interface.</summary>
    /// <param name="name">The interface, such as <c>eth0</c>.</param>
    /// <exception cref="MemToolsException">There is no interface of that name.</exception>
    /// <exception cref="SystemCallException">The driver does not answer.</exception>
    public static IEnumerable<ZeroCopyFeature> OfInterface(string name)
    {
        InterfaceFeatures features = FeaturesOf(name);
        return InterfaceProbe.Run(features).Select(one => one.Answer.For("Interface", name, null, one.Feature));
    }

    /// <summary>The features of an interface.</summary>
    internal static InterfaceFeatures FeaturesOf(string name)
    {
        long result = InterfaceFeatures.TryRead(name, out InterfaceFeatures? features);
        if (KernelResult.ErrnoOf(result) == Errno.ENODEV)
        {
            string known = string.Join(", ", Interfaces);
            throw new MemToolsException(ErrorKind.NotFound, $"There is no network interface '{name}'. There are: {known}.");
        }

        if (result < 0)
            throw new SystemCallException("ioctl(SIOCETHTOOL)", KernelResult.ErrnoOf(result), name);
        return features!;
    }
}
