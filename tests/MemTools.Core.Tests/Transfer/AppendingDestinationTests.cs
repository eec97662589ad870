using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.Transfer;

/// <summary>A destination that is open for appending, as shells open it: no copy inside the kernel takes it.</summary>
public class AppendingDestinationTests
{
    private static readonly byte[] Bytes = Content.Random(3_000_000);

    [Fact]
    public void Auto_ends_at_reading_and_writing_and_lists_what_was_refused()
    {
        using TempDirectory folder = new();
        ContentCopier content = Copy(folder, CopyMethod.Auto);
        Assert.Equal(CopyMethod.ReadWrite, content.Method);
        Assert.Equal(["Reflink", "CopyFileRange", "Sendfile", "Splice"], content.Refused.Select(refusal => refusal.Method));
        Assert.All(content.Refused, refusal => Assert.Contains(refusal.ErrorName, (string[])["EBADF", "EINVAL"]));
        Content.AssertSame(Bytes, folder["copy"]);
    }

    [Theory]
    [InlineData(CopyMethod.CopyFileRange)]
    [InlineData(CopyMethod.Sendfile)]
    [InlineData(CopyMethod.Splice)]
    public void A_method_by_name_is_refused(CopyMethod method)
    {
        using TempDirectory folder = new();
        TransferException error = Assert.Throws<TransferException>(() => Copy(folder, method));
        Assert.Equal(ErrorKind.MethodNotPossible, error.Kind);
        Assert.Contains(error.ErrorName, (string[])["EBADF", "EINVAL"]);
        Assert.Equal(0, new FileInfo(folder["copy"]).Length);
    }

    private static ContentCopier Copy(TempDirectory folder, CopyMethod method)
    {
        string path = folder.Write("source", Bytes);
        folder.Write("copy", []);
        FileCopyOptions options = new() { Method = method };
        using SourceFile source = SourceFile.Open(NativePath.From(path), default);
        using Descriptor directory = FileFacts.Open(folder.Path, OpenFlags.PathOnly);
        DestinationEntry entry = new(directory, NativePath.From(folder.Path), NativePath.From("copy"u8));
        using InPlaceFile writer = InPlaceFile.Open(entry, alsoRead: false, default);
        Assert.Equal(0, FileIO.SetFlags(writer.File, FileIO.Flags(writer.File) | OpenFlags.Append));
        CopyEnd destination = new(writer.File, writer.Path, HasPositions: true, CanBeCut: true);
        CopyJob job = new(source.End, destination, new PieceSize(), null, default) { Total = Bytes.Length, WholeFile = true };
        using MethodChain chain = new(method);
        ContentCopier content = new(
            job, source.Range(options), options, chain.Begin(source.Status.Device, writer.Device), writer);
        content.Copy(source.Status);
        return content;
    }
}
