using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.Transfer;

/// <summary>What a killed run left behind goes at the next copy into its directory; what is in use stays.</summary>
public class LeftoverTests
{
    private const string Leftover = ".name.memtools-0123456789ab";

    [Fact]
    public void A_leftover_that_nobody_holds_is_removed()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", [1, 2, 3]);
        folder.MakeDirectory("into");
        folder.Write($"into/{Leftover}", Content.Random(100));
        Copies.Copy(source, folder["into"]);
        Assert.Equal(["source"], NamesIn(folder["into"]));
    }

    [Fact]
    public void A_leftover_that_is_locked_stays_until_its_owner_lets_go()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", [1, 2, 3]);
        folder.MakeDirectory("into");
        string held = folder.Write($"into/{Leftover}", Content.Random(100));
        using (Descriptor owner = FileFacts.Open(held, OpenFlags.ReadOnly))
        {
            Assert.Equal(0, FileIO.TryLock(owner));
            Copies.Copy(source, folder["into"]);
            Assert.Equal([Leftover, "source"], NamesIn(folder["into"]));
        }

        Copies.Copy(source, folder["into"]);
        Assert.Equal(["source"], NamesIn(folder["into"]));
    }

    [Fact]
    public void A_copy_under_way_is_left_alone_by_another()
    {
        using TempDirectory folder = new();
        byte[] content = Content.Random(2_000_000);
        string source = folder.Write("source", content);
        string other = folder.Write("other", [1, 2, 3]);
        folder.MakeDirectory("into");
        folder.Write("into/source", [1]);
        Copies.Copy(source, folder["into"], prepare: PieceWatcher.AtFirstPiece(() =>
        {
            string temporary = Copies.TemporaryIn(folder["into"]);
            Copies.Copy(other, folder["into"]);
            Assert.True(File.Exists(temporary));
        }));
        Content.AssertSame(content, folder["into/source"]);
        Assert.Equal(["other", "source"], NamesIn(folder["into"]));
    }

    [SkippableFact]
    public void Only_what_can_be_ours_is_removed()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", [1, 2, 3]);
        string into = folder.MakeDirectory("into");
        string target = folder.Write("target", [4]);
        Directory.CreateDirectory(Path.Combine(into, ".dir.memtools-0123456789ab", "inner"));
        File.CreateSymbolicLink(Path.Combine(into, ".link.memtools-0123456789ab"), target);
        Machine.MakeFifo(Path.Combine(into, ".fifo.memtools-0123456789ab"));
        string[] names = ["name.memtools-0123456789ab", ".name.memtools-0123456789a", ".name.memtools-0123456789aX", ".name.memtools-0123456789ab~"];
        foreach (string name in names)
            File.WriteAllBytes(Path.Combine(into, name), [5]);
        string[] before = NamesIn(into);
        Copies.Copy(source, into);
        Assert.Equal(before.Append("source").Order(StringComparer.Ordinal), NamesIn(into));
        Assert.Equal([4], File.ReadAllBytes(target));
    }

    /// <summary>Who wants the bytes that an unfinished copy got to has to be able to save them.</summary>
    [Fact]
    public void A_leftover_that_is_itself_the_source_survives()
    {
        using TempDirectory folder = new();
        byte[] content = Content.Random(5000);
        string source = folder.Write(Leftover, content);
        folder.Write(".other.memtools-0123456789ab", [1]);
        Copies.Copy(source, folder["saved"]);
        Content.AssertSame(content, folder["saved"]);
        Assert.Equal([Leftover, "saved"], folder.Names);
    }

    [Fact]
    public void A_directory_that_nobody_holds_is_removed_with_its_files()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", [1, 2, 3]);
        folder.MakeDirectory($"into/{Leftover}");
        folder.Write($"into/{Leftover}/one", [1]);
        File.CreateSymbolicLink(folder[$"into/{Leftover}/link"], source);
        Copies.Copy(source, folder["into"]);
        Assert.Equal(["source"], NamesIn(folder["into"]));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(source));
    }

    [Fact]
    public void A_directory_that_is_locked_stays_until_its_owner_lets_go()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", [1, 2, 3]);
        string held = folder.MakeDirectory($"into/{Leftover}");
        folder.Write($"into/{Leftover}/one", [1]);
        using (Descriptor owner = FileFacts.Open(held, OpenFlags.ReadOnly | OpenFlags.Directory))
        {
            Assert.Equal(0, FileIO.TryLock(owner));
            Copies.Copy(source, folder["into"]);
            Assert.True(File.Exists(folder[$"into/{Leftover}/one"]));
        }

        Copies.Copy(source, folder["into"]);
        Assert.Equal(["source"], NamesIn(folder["into"]));
    }

    /// <summary>As with a file: who wants what is in it has to be able to save it, all or one of it.</summary>
    [Fact]
    public void A_directory_out_of_which_is_copied_survives()
    {
        using TempDirectory folder = new();
        folder.MakeDirectory(Leftover);
        folder.Write($"{Leftover}/one", [1]);
        folder.Write($"{Leftover}/two", [2]);
        Copies.Copy(folder[$"{Leftover}/one"], folder["saved"]);
        TreeCopies.CopyChecked(folder[Leftover], folder["all"]);
        Assert.Equal([2], File.ReadAllBytes(folder["all/two"]));
        Assert.Equal([2], File.ReadAllBytes(folder[$"{Leftover}/two"]));
    }

    private static string[] NamesIn(string directory) =>
        [.. Directory.EnumerateFileSystemEntries(directory, "*", new EnumerationOptions { AttributesToSkip = 0 })
            .Select(entry => Path.GetFileName(entry)!).Order(StringComparer.Ordinal)];
}
