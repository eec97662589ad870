using MemTools.Transfer;

namespace MemTools.Tests.Support;

/// <summary>Where a test copies from and to.</summary>
public enum Route
{
    DiskToDisk,
    DiskToMemory,
    MemoryToDisk,
    MemoryToMemory,
}

/// <summary>The two directories of one test, on file systems of which it is known what they take.</summary>
internal sealed class Volumes : IDisposable
{
    internal Volumes(Route route, CopyMethod method = CopyMethod.Auto)
    {
        From = new(route is Route.DiskToDisk or Route.DiskToMemory ? Place.Disk : Place.Memory);
        To = new(route is Route.DiskToDisk or Route.MemoryToDisk ? Place.Disk : Place.Memory);
        Skip.If(
            FileFacts.IsTmpfs(TempDirectory.RootOf(Place.Disk)),
            "the temporary directory is in memory too, so that there are no two file systems");
        Skip.If(
            method is CopyMethod.Reflink or CopyMethod.DirectIO or CopyMethod.CopyFileRange
                && !FileFacts.IsExt4(TempDirectory.RootOf(Place.Disk)),
            $"the temporary directory is not on ext4, of which it is known whether it takes {method}");
    }

    internal static CopyMethod[] Methods { get; } = [.. Enum.GetValues<CopyMethod>().Where(method => method != CopyMethod.Auto)];

    /// <summary>The methods that ext4 (the disk) and tmpfs take on each route.</summary>
    public static TheoryData<CopyMethod, Route> Offered => Select(IsOffered);

    /// <summary>The methods that they refuse.</summary>
    public static TheoryData<CopyMethod, Route> Refused => Select((method, route) => !IsOffered(method, route));

    /// <summary>Every method on every route.</summary>
    public static TheoryData<CopyMethod, Route> All => Select((_, _) => true);

    internal TempDirectory From { get; }

    internal TempDirectory To { get; }

    public void Dispose()
    {
        From.Dispose();
        To.Dispose();
    }

    private static TheoryData<CopyMethod, Route> Select(Func<CopyMethod, Route, bool> chosen)
    {
        TheoryData<CopyMethod, Route> data = [];
        foreach (CopyMethod method in Methods)
        {
            foreach (Route route in Enum.GetValues<Route>().Where(route => chosen(method, route)))
                data.Add(method, route);
        }

        return data;
    }

    private static bool IsOffered(CopyMethod method, Route route) => method switch
    {
        CopyMethod.Reflink => false,
        CopyMethod.DirectIO => route == Route.DiskToDisk,
        CopyMethod.CopyFileRange => route is Route.DiskToDisk or Route.MemoryToMemory,
        _ => true,
    };
}
