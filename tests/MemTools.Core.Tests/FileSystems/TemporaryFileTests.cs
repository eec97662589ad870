using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.FileSystems;

/// <summary>The unfinished file: nameless where the file system can, with a name elsewhere, and gone at the end.</summary>
[Collection(MountingTests.Name)]
public sealed class TemporaryFileTests(MountedFileSystems systems)
{
    /// <summary>Long enough for progress to be told in the middle.</summary>
    private const int Length = 6 * 1024 * 1024;

    public static TheoryData<FileSystemKind> Kinds => FileSystemTraits.Kinds;

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public void A_new_file_appears_whole_and_leaves_nothing_beside_it(FileSystemKind kind)
    {
        using TempDirectory from = systems.Folder(kind == FileSystemKind.Tmpfs ? FileSystemKind.Ext4 : FileSystemKind.Tmpfs);
        using TempDirectory to = systems.Folder(kind);
        bool nameless = TakesNameless(to.Path);
        byte[] content = Content.Random(Length);
        string source = from.Write("source", content);
        List<string[]> seen = [];
        Copies.Copy(source, to["copy"], prepare: session => session.Progress = _ => seen.Add(to.Names));
        Content.AssertSame(content, to["copy"]);
        Assert.Equal(["copy"], to.Names);
        Assert.All(seen, names => Assert.DoesNotContain("copy", names));
        if (nameless)
            Assert.All(seen, Assert.Empty);
        else
            Assert.All(seen, names => Assert.StartsWith(".copy.memtools-", Assert.Single(names), StringComparison.Ordinal));
    }

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public void NoClobber_loses_against_a_file_that_appears_meanwhile(FileSystemKind kind)
    {
        using TempDirectory from = systems.Folder(kind == FileSystemKind.Tmpfs ? FileSystemKind.Ext4 : FileSystemKind.Tmpfs);
        using TempDirectory to = systems.Folder(kind);
        string source = from.Write("source", Content.Random(5000));
        // Told of the refused clone, when the copy is under way and the destination was found missing.
        TransferException error = Copies.Fails(
            ErrorKind.AlreadyExists,
            source,
            to["copy"],
            new() { NoClobber = true },
            session => session.Verbose = _ => File.WriteAllBytes(to["copy"], [1, 2, 3]));
        Assert.Contains("-NoClobber leaves it alone", error.Message, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(to["copy"]));
        Assert.Equal(["copy"], to.Names);
    }

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public void A_file_that_appears_meanwhile_is_replaced_without_NoClobber(FileSystemKind kind)
    {
        using TempDirectory from = systems.Folder(kind == FileSystemKind.Tmpfs ? FileSystemKind.Ext4 : FileSystemKind.Tmpfs);
        using TempDirectory to = systems.Folder(kind);
        byte[] content = Content.Random(5000);
        Copies.Copy(
            from.Write("source", content),
            to["copy"],
            prepare: session => session.Verbose = _ => File.WriteAllBytes(to["copy"], [1, 2, 3]));
        Content.AssertSame(content, to["copy"]);
        Assert.Equal(["copy"], to.Names);
    }

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public void What_dead_runs_left_is_removed(FileSystemKind kind)
    {
        using TempDirectory to = systems.Folder(kind);
        to.Write(".old.memtools-0123456789ab", [1]);
        Copies.Copy(to.Write("source", [1, 2, 3]), to["copy"]);
        Assert.Equal(["copy", "source"], to.Names);
    }

    private static bool TakesNameless(string folder)
    {
        long result = FileIO.TryOpen(
            Descriptor.WorkingDirectory, NativePath.From(folder), OpenFlags.Nameless | OpenFlags.ReadWrite, 0x180, out Descriptor? file);
        file?.Dispose();
        return result >= 0;
    }
}
