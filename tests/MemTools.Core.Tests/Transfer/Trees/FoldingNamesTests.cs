using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;
using MemTools.Transfer;
using MemTools.Transfer.Jobs;
using MemTools.Transfer.Trees;

namespace MemTools.Tests.Transfer.Trees;

/// <summary>Destinations that take two names of the source for one: nothing that was copied is overwritten by the other.</summary>
public class FoldingNamesTests
{
    [Fact]
    public void A_directory_tells_how_it_takes_names()
    {
        using TempDirectory folder = new();
        using Descriptor directory = FileFacts.Open(folder.Path, OpenFlags.ReadOnly | OpenFlags.Directory);
        Assert.Equal(DestinationNames.None, Ask(directory, ".", "..", ".x.memtools-0123456789ab"));
        Assert.Equal(DestinationNames.MayBeOne, Ask(directory, "1", "2"));
        folder.Write("Name", [1]);
        Assert.Equal(DestinationNames.Apart, Ask(directory, "1", "Name"));
        // What a file system without capitals would answer.
        Link(folder["Name"], folder["name"]);
        Assert.Equal(DestinationNames.MayBeOne, Ask(directory, "Name"));
        Assert.Equal(DestinationNames.MayBeOne, new NameProbe().Answer(directory, listedWhole: false));
    }

    [Fact]
    public void A_file_is_claimed_once_but_for_hard_links()
    {
        using TempDirectory folder = new();
        folder.Write("file", [1]);
        folder.Write("linked", [1]);
        Link(folder["linked"], folder["other"]);
        NameClaims claims = new();
        Claim(claims, folder["file"], "File");
        Claim(claims, folder["file"], "File");
        Assert.Equal(ErrorKind.WouldOverwrite, Assert.Throws<TransferException>(() => Claim(claims, folder["file"], "FILE")).Kind);
        Claim(claims, folder["linked"], "Linked");
        Claim(claims, folder["linked"], "Other");
        Assert.Throws<TransferException>(() => Claim(claims, folder["linked"], "LINKED"));
    }

    [SkippableTheory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Of_two_names_that_are_one_file_the_second_is_an_error(bool exists, bool hasOther)
    {
        using TempDirectory folder = new();
        string place = folder.MakeDirectory("place");
        using IDisposable mount = MountNtfs(folder["image"], place);
        foreach (string name in (string[])["src", "src/sub", "src/SUB"])
            folder.MakeDirectory(name);
        foreach (string name in (string[])["Name", "NAME", "other", "sub/f", "SUB/f"])
            folder.Write("src/" + name, System.Text.Encoding.ASCII.GetBytes(name));
        string destination = Path.Combine(place, "dst");
        if (exists)
            Directory.CreateDirectory(destination);
        if (hasOther)
            File.WriteAllText(Path.Combine(destination, "there"), "there");
        for (int run = 0; run < 2; run++)
        {
            List<TransferException> errors = [];
            FolderSyncOptions options = new() { Delete = run == 1, Tree = new() { File = new() { Preserve = PreserveItems.Timestamps } } };
            FolderSyncSession session = new(folder["src"], destination, options)
            {
                Item = outcome => errors.AddRange(outcome.Error is { } error ? [error] : []),
            };
            Assert.True(session.Run().Failed >= 2);
            Assert.Equal(2, errors.Count(error => error.Kind == ErrorKind.WouldOverwrite));
            Assert.Contains(File.ReadAllText(Path.Combine(destination, "name")), (string[])["Name", "NAME"]);
            Assert.Contains(File.ReadAllText(Path.Combine(destination, "sub/f")), (string[])["sub/f", "SUB/f"]);
            Assert.Equal("other", File.ReadAllText(Path.Combine(destination, "other")));
        }
    }

    /// <summary>NTFS by way of FUSE, told not to tell capitals from small letters. New names come in small ones.</summary>
    private static IDisposable MountNtfs(string image, string target)
    {
        string format = Tool.Need("mkntfs", "ntfs-3g");
        using (FileStream file = File.Create(image))
            file.SetLength(64 * 1024 * 1024);
        Tool.RunChecked(format, "-q", "-F", "-f", image);
        return Machine.Mount(target, "-t", "lowntfs-3g", "-o", "ignore_case", image);
    }

    private static void Link(string file, string name) => Assert.Equal(
        0, DirectoryEntries.Link(Descriptor.WorkingDirectory, NativePath.From(file), Descriptor.WorkingDirectory, NativePath.From(name)));

    private static DestinationNames Ask(Descriptor directory, params string[] names)
    {
        NameProbe probe = new();
        foreach (string name in names)
            probe.Look(System.Text.Encoding.UTF8.GetBytes(name));
        return probe.Answer(directory, listedWhole: true);
    }

    private static void Claim(NameClaims claims, string file, string name)
    {
        using Descriptor opened = FileFacts.Open(file, OpenFlags.ReadOnly);
        claims.Claim(FileMetadata.StatusOf(opened, NativePath.From(file)), NativePath.From(name), NativePath.From(name));
    }
}
