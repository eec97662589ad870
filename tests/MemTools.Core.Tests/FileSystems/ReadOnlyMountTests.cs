using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.FileSystems;

/// <summary>Mounts that are read-only: a whole file system, or one more view of a file system that can be written.</summary>
[Collection(MountingTests.Name)]
public sealed class ReadOnlyMountTests(MountedFileSystems systems)
{
    [SkippableTheory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public void Nothing_is_written_to_one(bool view, bool force)
    {
        using TempDirectory points = systems.MountPoints();
        using IDisposable mounted = MakeReadOnly(points, view, out string folder);
        string source = points.Write("source", [1, 2, 3]);
        string existing = Path.Combine(folder, "existing");
        foreach (string destination in (string[])[existing, Path.Combine(folder, "new")])
        {
            foreach (bool inPlace in (bool[])[false, true])
            {
                TransferException error = Copies.Fails(
                    ErrorKind.ReadOnly, source, destination, new() { InPlace = inPlace, Force = force });
                Assert.Contains("EROFS", error.Message, StringComparison.Ordinal);
                Assert.Equal("EROFS", error.ErrorName);
                Assert.DoesNotContain("-Force", error.Message, StringComparison.Ordinal);
            }
        }

        Assert.Equal([7, 8, 9], File.ReadAllBytes(existing));
        Assert.Equal([existing], Directory.GetFileSystemEntries(folder));
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void One_is_a_source_like_any_other(bool view)
    {
        using TempDirectory points = systems.MountPoints();
        using IDisposable mounted = MakeReadOnly(points, view, out string folder);
        foreach (CopyMethod method in (CopyMethod[])[CopyMethod.Auto, CopyMethod.Sendfile, CopyMethod.Splice, CopyMethod.Mmap, CopyMethod.ReadWrite])
        {
            FileTransferResult result = Copies.Copy(
                Path.Combine(folder, "existing"), points["copy"], new() { Method = method, Preserve = PreserveItems.All });
            Assert.Equal([7, 8, 9], File.ReadAllBytes(points["copy"]));
            Assert.Empty(result.Warnings);
        }
    }

    private IDisposable MakeReadOnly(TempDirectory points, bool view, out string folder)
    {
        folder = points.MakeDirectory("read-only");
        if (view)
        {
            string origin = points.MakeDirectory("origin");
            File.WriteAllBytes(Path.Combine(origin, "existing"), [7, 8, 9]);
            IDisposable bound = systems.Mount(folder, "--bind", origin);
            Tool.RunChecked("mount", "-o", "remount,bind,ro", folder);
            return bound;
        }

        IDisposable mounted = systems.Mount(folder, "-t", "tmpfs", "tmpfs");
        File.WriteAllBytes(Path.Combine(folder, "existing"), [7, 8, 9]);
        Tool.RunChecked("mount", "-o", "remount,ro", folder);
        return mounted;
    }
}
