using System.Net.Sockets;
using System.Text;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.Transfer;

/// <summary>What stands at the destination, and what becomes of it.</summary>
public class DestinationTests
{
    private static readonly byte[] Old = Content.Random(5000, seed: 7);
    private static readonly byte[] New = Content.Random(9000, seed: 8);

    [Fact]
    public void A_directory_gets_a_file_of_the_sources_name()
    {
        using TempDirectory folder = new();
        string source = folder.Write("name", New);
        folder.MakeDirectory("into");
        FileTransferResult result = Copies.Copy(source, folder["into"]);
        Assert.Equal(folder["into/name"], result.Destination);
        Content.AssertSame(New, folder["into/name"]);
    }

    [Fact]
    public void A_link_to_a_directory_that_the_user_named_is_followed()
    {
        using TempDirectory folder = new();
        string source = folder.Write("name", New);
        folder.MakeDirectory("into");
        Directory.CreateSymbolicLink(folder["link"], "into");
        Copies.Copy(source, folder["link"]);
        Content.AssertSame(New, folder["into/name"]);
    }

    [Fact]
    public void A_slash_at_the_end_asks_for_a_directory()
    {
        using TempDirectory folder = new();
        string source = folder.Write("name", New);
        TransferException missing = Copies.Fails(ErrorKind.NotFound, source, folder["none/"]);
        Assert.Contains("-Force creates it", missing.Message, StringComparison.Ordinal);
        folder.Write("file", Old);
        Copies.Fails(ErrorKind.NotDirectory, source, folder["file/"]);
        Assert.Equal(Old, File.ReadAllBytes(folder["file"]));
        Copies.Copy(source, folder["none/"], new() { Force = true });
        Content.AssertSame(New, folder["none/name"]);
    }

    [Fact]
    public void A_missing_parent_is_an_error_and_made_with_Force()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", New);
        TransferException error = Copies.Fails(ErrorKind.NotFound, source, folder["a/b/copy"]);
        Assert.Contains(folder["a/b"], error.Message, StringComparison.Ordinal);
        Assert.Contains("-Force creates it", error.Message, StringComparison.Ordinal);
        Assert.Equal(["source"], folder.Names);
        Copies.Copy(source, folder["a/b/copy"], new() { Force = true });
        Content.AssertSame(New, folder["a/b/copy"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_where_a_directory_should_be_is_an_error(bool force)
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", New);
        folder.Write("file", Old);
        Copies.Fails(ErrorKind.NotDirectory, source, folder["file/copy"], new() { Force = force });
        Assert.Equal(Old, File.ReadAllBytes(folder["file"]));
    }

    [Fact]
    public void A_directory_of_the_sources_name_is_not_replaced()
    {
        using TempDirectory folder = new();
        string source = folder.Write("name", New);
        folder.MakeDirectory("into/name");
        Copies.Fails(ErrorKind.IsDirectory, source, folder["into"], new() { Force = true });
        Assert.True(Directory.Exists(folder["into/name"]));
    }

    [Fact]
    public void A_source_that_is_a_directory_is_an_error()
    {
        using TempDirectory folder = new();
        folder.MakeDirectory("source");
        Copies.Fails(ErrorKind.IsDirectory, folder["source"], folder["copy"]);
        Copies.Fails(ErrorKind.NotFound, folder["none"], folder["copy"]);
        Assert.Equal(["source"], folder.Names);
    }

    [Fact]
    public void A_read_only_destination_is_replaced_with_Force_alone()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", New);
        string destination = folder.Write("copy", Old);
        FileFacts.SetMode(destination, 0x124);
        TransferException error = Copies.Fails(ErrorKind.ReadOnly, source, destination);
        Assert.Contains("-Force", error.Message, StringComparison.Ordinal);
        Assert.Equal(Old, File.ReadAllBytes(destination));
        FileTransferResult result = Copies.Copy(source, destination, new() { Force = true });
        Assert.Equal("Renamed", result.Replacement);
        Content.AssertSame(New, destination);
    }

    [Fact]
    public void The_same_file_by_its_path_by_a_hard_link_and_by_a_symbolic_link()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", Old);
        Tool.RunChecked("ln", source, folder["hard"]);
        File.CreateSymbolicLink(folder["soft"], "source");
        folder.MakeDirectory("into");
        File.CreateSymbolicLink(folder["into/source"], "../source");
        foreach (string destination in (string[])[source, folder["hard"], folder["soft"], folder["into"], folder["./source"], folder.Path])
        {
            TransferException error = Copies.Fails(ErrorKind.SameFile, source, destination, new() { Force = true });
            Assert.Contains("are the same file", error.Message, StringComparison.Ordinal);
        }

        Copies.Fails(ErrorKind.SameFile, folder["soft"], source);
        Assert.Equal(Old, File.ReadAllBytes(source));
        Assert.Equal(2u, FileFacts.Of(source).LinkCount);
    }

    [Fact]
    public void A_dangling_link_is_an_error_and_stays()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", New);
        File.CreateSymbolicLink(folder["link"], "nowhere");
        Copies.Fails(ErrorKind.DanglingSymlink, source, folder["link"], new() { Force = true });
        Assert.Equal("nowhere", new FileInfo(folder["link"]).LinkTarget);
        Assert.Equal(["link", "source"], folder.Names);
    }

    [Fact]
    public void Links_in_a_circle_are_an_error()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", New);
        File.CreateSymbolicLink(folder["one"], "two");
        File.CreateSymbolicLink(folder["two"], "one");
        Copies.Fails(ErrorKind.SymlinkLoop, source, folder["one"]);
    }

    [Fact]
    public void A_link_to_a_file_that_the_user_named_stays_and_its_target_is_replaced()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", New);
        folder.MakeDirectory("elsewhere");
        folder.Write("elsewhere/target", Old);
        File.CreateSymbolicLink(folder["link"], "elsewhere/target");
        FileTransferResult result = Copies.Copy(source, folder["link"]);
        Assert.Equal(("Renamed", folder["elsewhere/target"]), (result.Replacement, result.Destination));
        Content.AssertSame(New, folder["elsewhere/target"]);
        Assert.Equal("elsewhere/target", new FileInfo(folder["link"]).LinkTarget);
        Copies.AssertNoTemporaries(folder["elsewhere"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_link_inside_the_destination_directory_is_replaced_and_its_target_untouched(bool inPlace)
    {
        using TempDirectory folder = new();
        string source = folder.Write("name", New);
        folder.MakeDirectory("into");
        folder.Write("target", Old);
        File.CreateSymbolicLink(folder["into/name"], "../target");
        FileTransferResult result = Copies.Copy(source, folder["into"], new() { InPlace = inPlace });
        Assert.Equal("Renamed", result.Replacement);
        Assert.Null(new FileInfo(folder["into/name"]).LinkTarget);
        Content.AssertSame(New, folder["into/name"]);
        Assert.Equal(Old, File.ReadAllBytes(folder["target"]));
    }

    [Fact]
    public void A_file_with_several_names_is_written_in_place()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", New);
        string destination = folder.Write("copy", Old);
        Tool.RunChecked("ln", destination, folder["other-name"]);
        ulong inode = FileFacts.Of(destination).Inode;
        TransferException error = Copies.Fails(ErrorKind.NotAtomic, source, destination, new() { RequireAtomic = true });
        Assert.Contains("2 hard links", error.Message, StringComparison.Ordinal);
        Assert.Equal(Old, File.ReadAllBytes(destination));
        FileTransferResult result = Copies.Copy(source, destination);
        Assert.Equal("InPlace", result.Replacement);
        Assert.Equal(inode, FileFacts.Of(destination).Inode);
        Content.AssertSame(New, folder["other-name"]);
    }

    [Fact]
    public void A_plain_file_is_replaced_by_another()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", New);
        string destination = folder.Write("copy", Old);
        using FileStream reader = File.OpenRead(destination);
        ulong inode = FileFacts.Of(destination).Inode;
        FileTransferResult result = Copies.Copy(source, destination, new() { RequireAtomic = true });
        Assert.Equal("Renamed", result.Replacement);
        Assert.NotEqual(inode, FileFacts.Of(destination).Inode);
        Content.AssertSame(New, destination);
        // Who has the old file open goes on seeing it whole.
        byte[] seen = new byte[Old.Length];
        reader.ReadExactly(seen);
        Assert.Equal(Old, seen);
    }

    [SkippableFact]
    public void A_file_that_is_mounted_over_is_written_in_place()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", New);
        string destination = folder.Write("copy", Old);
        string mounted = folder.Write("mounted", Old);
        using (Machine.Mount(destination, "--bind", mounted))
        {
            TransferException error = Copies.Fails(ErrorKind.NotAtomic, source, destination, new() { RequireAtomic = true });
            Assert.Contains("mounted", error.Message, StringComparison.Ordinal);
            FileTransferResult result = Copies.Copy(source, destination);
            Assert.Equal("InPlace", result.Replacement);
        }

        Content.AssertSame(New, mounted);
        Assert.Equal(Old, File.ReadAllBytes(destination));
    }

    [Fact]
    public void A_socket_is_refused()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", New);
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(folder["socket"]));
        TransferException error = Copies.Fails(ErrorKind.Misuse, source, folder["socket"], new() { Force = true });
        Assert.Contains("is a socket", error.Message, StringComparison.Ordinal);
        Assert.Equal(Statx.TypeSocket, FileFacts.Of(folder["socket"]).Type);
    }

    [SkippableTheory]
    [InlineData(CopyMethod.Auto)]
    [InlineData(CopyMethod.Sendfile)]
    [InlineData(CopyMethod.Splice)]
    [InlineData(CopyMethod.Mmap)]
    [InlineData(CopyMethod.ReadWrite)]
    public async Task A_FIFO_is_written_when_a_reader_comes(CopyMethod method)
    {
        using TempDirectory folder = new();
        byte[] content = Content.Random(1_500_000);
        string source = folder.Write("source", content);
        Machine.MakeFifo(folder["fifo"]);
        Task<byte[]> reader = Task.Run(() => Content.ReadToEnd(folder["fifo"]));
        FileTransferResult result = Copies.Copy(source, folder["fifo"], new() { Method = method });
        Assert.Equal(content, await reader);
        Assert.Equal(("InPlace", content.Length), (result.Replacement, result.BytesTransferred));
        Assert.Equal(Statx.TypeFifo, FileFacts.Of(folder["fifo"]).Type);
    }

    [Theory]
    [InlineData(CopyMethod.Auto)]
    [InlineData(CopyMethod.Sendfile)]
    [InlineData(CopyMethod.Splice)]
    [InlineData(CopyMethod.Mmap)]
    [InlineData(CopyMethod.ReadWrite)]
    public void The_null_device_takes_everything(CopyMethod method)
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", New);
        uint mode = FileFacts.ModeOf("/dev/null");
        FileTransferResult result = Copies.Copy(source, "/dev/null", new() { Method = method });
        Assert.Equal(("InPlace", New.Length), (result.Replacement, result.BytesTransferred));
        Assert.Equal(mode, FileFacts.ModeOf("/dev/null"));
        Copies.Fails(ErrorKind.NotAtomic, source, "/dev/null", new() { RequireAtomic = true });
    }

    [Fact]
    public void Flushing_a_device_that_cannot_be_flushed_is_no_failure()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", New);
        Assert.Equal(New.Length, Copies.Copy(source, "/dev/null", new() { Flush = true }).Length);
    }

    [Theory]
    [InlineData(VerifyMode.Compare)]
    [InlineData(VerifyMode.Sha256)]
    public void A_device_that_cannot_be_read_back_cannot_be_verified(VerifyMode verify)
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", New);
        TransferException error = Copies.Fails(ErrorKind.Misuse, source, "/dev/null", new() { Verify = verify });
        Assert.Contains("-Verify", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_device_is_ENOSPC_and_says_how_much_was_missing()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", New);
        TransferException error = Copies.Fails(ErrorKind.NoSpace, source, "/dev/full");
        Assert.Equal("ENOSPC", error.ErrorName);
        Assert.Equal((0, New.Length), (error.BytesTransferred, error.BytesMissing));
        Assert.Contains($"0 of {New.Length} bytes were done", error.Message, StringComparison.Ordinal);
        Assert.Contains($"room for {New.Length} more was missing", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("line\nend")]
    [InlineData("-leading-dash")]
    [InlineData("--")]
    [InlineData("*?[a]")]
    [InlineData(" space at both ends ")]
    [InlineData("日本語 \U0001F600")]
    [InlineData("$(rm -rf .)`'\"\\")]
    public void Strange_names_are_names(string name)
    {
        using TempDirectory folder = new();
        string source = folder.Write(name, New);
        folder.MakeDirectory("into");
        folder.Write(Path.Combine("into", name), Old);
        foreach (string destination in (string[])[folder["into"], folder[$"into/{name}"]])
        {
            Copies.Copy(source, destination);
            Content.AssertSame(New, folder[$"into/{name}"]);
        }

        Assert.Single(Directory.EnumerateFileSystemEntries(folder["into"]));
    }

    [Theory]
    [InlineData("n", 255)]
    [InlineData("é", 127)]
    [InlineData("\U0001F600", 63)]
    public void Names_of_255_bytes_are_copied_over_one_another(string letter, int count)
    {
        using TempDirectory folder = new();
        string name = string.Concat(Enumerable.Repeat(letter, count)).PadRight(count * letter.Length + 255 - Encoding.UTF8.GetByteCount(letter) * count, 'x');
        Assert.Equal(255, Encoding.UTF8.GetByteCount(name));
        string source = folder.Write(name, New);
        folder.MakeDirectory("into");
        folder.Write(Path.Combine("into", name), Old);
        Assert.Equal("Renamed", Copies.Copy(source, folder["into"]).Replacement);
        Content.AssertSame(New, folder[$"into/{name}"]);
    }

    [Fact]
    public void A_name_of_256_bytes_is_too_long()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", New);
        TransferException error = Copies.Fails(ErrorKind.NameTooLong, source, folder[new string('n', 256)]);
        Assert.Equal("ENAMETOOLONG", error.ErrorName);
    }

    [Fact]
    public unsafe void A_name_that_is_not_UTF8_is_a_clear_error()
    {
        using TempDirectory folder = new();
        byte[] name = [.. Encoding.UTF8.GetBytes(folder.Path), (byte)'/', (byte)'a', 0xFF];
        long made = FileIO.TryOpen(
            Descriptor.WorkingDirectory, NativePath.From(name), OpenFlags.WriteOnly | OpenFlags.Create, 0x180, out Descriptor? file);
        Assert.True(made >= 0, $"{KernelResult.ErrnoOf(made)}");
        file!.Dispose();
        string seen = Assert.Single(Directory.GetFiles(folder.Path));
        TransferException error = Copies.Fails(ErrorKind.NameNotUtf8, seen, folder["copy"]);
        Assert.Contains("not UTF-8", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, DirectoryEntries.Remove(Descriptor.WorkingDirectory, NativePath.From(name)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void A_path_that_cannot_be_one_is_misuse(string path)
    {
        using TempDirectory folder = new();
        Assert.Throws<ArgumentException>(() => new FileCopySession(path, new()));
        Copies.Fails(ErrorKind.Misuse, path, folder["copy"]);
    }

    [Fact]
    public void NoClobber_leaves_alone_what_exists_and_creates_what_does_not()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", New);
        string destination = folder.Write("copy", Old);
        File.CreateSymbolicLink(folder["link"], "copy");
        FileCopyOptions options = new() { NoClobber = true, Force = true };
        Copies.Fails(ErrorKind.AlreadyExists, source, destination, options);
        Copies.Fails(ErrorKind.AlreadyExists, source, folder["link"], options);
        Assert.Equal(Old, File.ReadAllBytes(destination));
        Assert.Equal("New", Copies.Copy(source, folder["new"], options).Replacement);
        Content.AssertSame(New, folder["new"]);
    }

    /// <summary>The destination appears after it was looked for, and before the copy takes its name.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void NoClobber_leaves_alone_what_appears_meanwhile(bool nameless)
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", New);
        TransferException error = Copies.Fails(
            ErrorKind.AlreadyExists,
            source,
            folder["copy"],
            new() { NoClobber = true },
            session =>
            {
                session.TriesNameless = nameless;
                // Told of the refusal of Reflink, which comes after the temporary was made.
                session.Verbose = _ => File.WriteAllBytes(folder["copy"], Old);
            });
        Assert.Contains("-NoClobber", error.Message, StringComparison.Ordinal);
        Assert.Equal(Old, File.ReadAllBytes(folder["copy"]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Without_NoClobber_what_appears_meanwhile_is_replaced(bool nameless)
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", New);
        Copies.Copy(source, folder["copy"], prepare: session =>
        {
            session.TriesNameless = nameless;
            session.Verbose = _ => File.WriteAllBytes(folder["copy"], Old);
        });
        Content.AssertSame(New, folder["copy"]);
        Copies.AssertNoTemporaries(folder.Path);
    }

    [Fact]
    public void One_session_does_not_write_one_destination_from_two_sources()
    {
        using TempDirectory folder = new();
        folder.MakeDirectory("a");
        folder.MakeDirectory("b");
        folder.MakeDirectory("into");
        string first = folder.Write("a/name", New);
        string second = folder.Write("b/name", Old);
        using FileCopySession session = new(folder["into"], new() { Force = true });
        session.Copy(first);
        TransferException error = Assert.Throws<TransferException>(() => session.Copy(second));
        Assert.Equal(ErrorKind.WouldOverwrite, error.Kind);
        Content.AssertSame(New, folder["into/name"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_new_destination_is_made_with_and_without_a_nameless_temporary(bool nameless)
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", New);
        FileTransferResult result = Copies.Copy(source, folder["copy"], prepare: session => session.TriesNameless = nameless);
        Assert.Equal("New", result.Replacement);
        Content.AssertSame(New, folder["copy"]);
        Copies.AssertNoTemporaries(folder.Path);
    }

    [Fact]
    public void A_path_with_two_slashes_at_its_start_is_a_path()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", New);
        Copies.Copy("/" + source, "/" + folder["copy"]);
        Content.AssertSame(New, folder["copy"]);
    }
}
