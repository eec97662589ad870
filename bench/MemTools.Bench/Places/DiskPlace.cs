namespace MemTools.Bench.Places;

/// <summary>A directory on a real disk, for figures beside those that a target is held against: disks vary, and others use them.</summary>
internal sealed class DiskPlace : Place
{
    /// <summary>What outlives a boot, and so lies on a disk (file-hierarchy(7)).</summary>
    private const string Root = "/var/tmp";

    private DiskPlace(string fileSystem)
        : base($"disk ({fileSystem})", System.IO.Directory.CreateDirectory(Path.Combine(Root, $"memtools-bench-{Environment.ProcessId}")).FullName)
    {
    }

    /// <summary>Null, and told, where there is no disk to write to.</summary>
    internal static DiskPlace? TryOpen(long bytes, Action<string> skipped)
    {
        DriveInfo drive = new(Root);
        if (drive.DriveFormat is not ("tmpfs" or "ramfs") && drive.AvailableFreeSpace >= bytes)
            return new(drive.DriveFormat);
        skipped($"Not measured on a disk: {Root} is {drive.DriveFormat} with {drive.AvailableFreeSpace >> 20} MiB free.");
        return null;
    }

    public override void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);
}
