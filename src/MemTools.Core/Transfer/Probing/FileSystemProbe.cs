using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Probing;

/// <summary>What one file system can do, each found by trying it on a scratch file.</summary>
internal static class FileSystemProbe
{
    internal static IEnumerable<(string Feature, FeatureAnswer Answer)> Run(ProbedPlace place, CancellationToken stop)
    {
        yield return ("Reflink", CopyTrial.Run(CopyMethod.Reflink, place, place, stop));
        yield return ("CopyFileRange", CopyTrial.Run(CopyMethod.CopyFileRange, place, place, stop));
        yield return ("Sendfile", Read(CopyMethod.Sendfile, place, stop));
        yield return ("Splice", Read(CopyMethod.Splice, place, stop));
        yield return ("DirectIO", CopyTrial.Run(CopyMethod.DirectIO, place, place, stop));
        yield return ("SeekHole", SeekHole(place));
        yield return ("Fallocate", Fallocate(place));
        yield return ("NamelessFile", NamelessFile(place));
        yield return ("OpenAt2", OpenAt2(place));
        yield return ("CacheStat", CacheStat(place));
    }

    /// <summary>To /dev/null: whether pages can be taken from a file is the source's matter alone.</summary>
    private static FeatureAnswer Read(CopyMethod method, ProbedPlace place, CancellationToken stop)
    {
        if (place.Source is not { } source)
            return CopyTrial.NoScratch(place);
        NativePath sink = NativePath.From("/dev/null"u8);
        using Descriptor file = FileIO.Open(Descriptor.WorkingDirectory, sink, OpenFlags.WriteOnly);
        CopyEnd destination = new(file, sink, HasPositions: false, CanBeCut: false);
        return CopyTrial.Run(method, source, destination, stop);
    }

    private static FeatureAnswer SeekHole(ProbedPlace place)
    {
        const long beyond = 1024 * 1024;
        using ScratchFile? file = place.Scratch is null ? null : place.Another();
        if (file is null)
            return CopyTrial.NoScratch(place);
        // A hole of 1 MiB, more than any block, and data after it.
        using Mapping page = Mapping.Memory(Environment.SystemPageSize);
        long result = FileIO.WriteAt(file.File, page.Address, Environment.SystemPageSize, beyond);
        if (result >= 0)
            result = FileIO.Seek(file.File, 0, FileCalls.SeekHole);
        return result <= 0
            ? FeatureAnswer.Of(result, _ => "lseek(SEEK_HOLE): the file system does not tell holes from data.")
            : FeatureAnswer.No(Errno.None, "lseek(SEEK_HOLE) takes a hole for data: the file system does not tell them apart, or keeps none.");
    }

    private static FeatureAnswer Fallocate(ProbedPlace place)
    {
        using ScratchFile? file = place.Scratch is null ? null : place.Another();
        if (file is null)
            return CopyTrial.NoScratch(place);
        long result = FileIO.Allocate(file.File, 0, 0, ProbedPlace.Length);
        string punched = result >= 0 && FileIO.Allocate(file.File, FileCalls.PunchHoleKeepSize, 0, ProbedPlace.Length) >= 0
            ? "punches holes too"
            : "does not punch holes";
        return FeatureAnswer.Of(result, _ => "fallocate: the file system does not allocate blocks beforehand.", punched);
    }

    private static FeatureAnswer NamelessFile(ProbedPlace place)
    {
        if (place.Scratch is not { } scratch)
            return CopyTrial.NoScratch(place);
        return scratch.IsNameless
            ? FeatureAnswer.Yes("O_TMPFILE")
            : FeatureAnswer.No(Errno.EOPNOTSUPP, "openat(O_TMPFILE): the file system makes no files without a name.");
    }

    private static unsafe FeatureAnswer OpenAt2(ProbedPlace place)
    {
        ulong* how = stackalloc ulong[OpenCalls.OpenHowWords]
        {
            OpenFlags.PathOnly | OpenFlags.CloseOnExec, 0, OpenCalls.ResolveBeneath,
        };
        NativePath path = place.FolderOrName(out Descriptor directory);
        using (directory)
        fixed (byte* bytes = path)
        {
            nint number = OpenCalls.OpenAt2(
                OpenCalls.OpenAt2Number, directory, bytes, how, OpenCalls.OpenHowWords * sizeof(ulong));
            long result = KernelResult.Of(number);
            if (result >= 0)
                new Descriptor(number).Dispose();
            return FeatureAnswer.Of(
                result,
                errno => errno == Errno.ENOSYS ? "openat2: this kernel is older than 5.6." : "openat2: the call failed.",
                "opens below a directory and nowhere else");
        }
    }

    private static FeatureAnswer CacheStat(ProbedPlace place)
    {
        Descriptor file = place.Source?.File ?? place.Own;
        return FeatureAnswer.Of(CacheStatus.Of(file, 0, 0, out _), ExplainCacheStat);
    }

    private static string ExplainCacheStat(Errno errno) => errno switch
    {
        Errno.ENOSYS => "cachestat: this kernel is older than 6.5; mincore tells what is resident, not what is dirty.",
        Errno.EPERM => "cachestat: told only to those who may write the file.",
        Errno.EOPNOTSUPP => "cachestat: files of this file system have no page cache that it could count.",
        _ => "cachestat: the file cannot be asked about.",
    };
}
