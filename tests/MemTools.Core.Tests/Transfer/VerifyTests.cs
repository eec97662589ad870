using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.Transfer;

/// <summary>-Verify: what comes back from the destination is held against what was read.</summary>
public class VerifyTests
{
    private static readonly byte[] Old = Content.Random(5000, seed: 7);
    private static readonly byte[] Bytes = Content.Random(3_000_001);

    public static TheoryData<CopyMethod, VerifyMode> Cases
    {
        get
        {
            TheoryData<CopyMethod, VerifyMode> data = [];
            foreach (CopyMethod method in Volumes.Methods.Where(method => method != CopyMethod.Reflink))
            {
                data.Add(method, VerifyMode.Compare);
                data.Add(method, VerifyMode.Sha256);
            }

            return data;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void A_whole_copy_passes_and_Sha256_is_the_files(CopyMethod method, VerifyMode verify)
    {
        using Volumes volumes = new(Route.DiskToDisk, method);
        string source = volumes.From.Write("source", Bytes);
        FileTransferResult result = Copies.Copy(source, volumes.To["copy"], new() { Method = method, Verify = verify });
        Content.AssertSame(Bytes, volumes.To["copy"]);
        Assert.Equal(verify == VerifyMode.Sha256 ? Content.HashOf(Bytes) : null, result.Hash);
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void A_byte_that_is_damaged_on_its_way_is_found_and_the_old_file_stays(CopyMethod method, VerifyMode verify)
    {
        using Volumes volumes = new(Route.DiskToDisk, method);
        string source = volumes.From.Write("source", Bytes);
        string destination = volumes.To.Write("copy", Old);
        TransferException error = Copies.Fails(
            ErrorKind.VerificationFailed,
            source,
            destination,
            new() { Method = method, Verify = verify },
            PieceWatcher.AtFirstPiece(() => Damage(Copies.TemporaryIn(volumes.To.Path), 1234)));
        string expected = verify == VerifyMode.Compare ? "from byte 1234 on" : Content.HashOf(Bytes);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal(Old, File.ReadAllBytes(destination));
    }

    [SkippableTheory]
    [InlineData(VerifyMode.Compare)]
    [InlineData(VerifyMode.Sha256)]
    public void A_range_with_holes_passes(VerifyMode verify)
    {
        using Volumes volumes = new(Route.DiskToMemory);
        string source = SparseFile.Make(volumes.From["source"], 5_000_000, (1_000_000, Content.Random(700_000)));
        FileTransferResult result = Copies.Copy(
            source, volumes.To["copy"], new() { Verify = verify, Offset = 500_000, Length = 3_000_000 });
        Assert.Equal(3_000_000, result.Length);
        byte[] expected = File.ReadAllBytes(source).AsSpan(500_000, 3_000_000).ToArray();
        Content.AssertSame(expected, volumes.To["copy"]);
        if (verify == VerifyMode.Sha256)
            Assert.Equal(Content.HashOf(expected), result.Hash);
    }

    [Theory]
    [InlineData(VerifyMode.Compare)]
    [InlineData(VerifyMode.Sha256)]
    public void An_empty_file_passes(VerifyMode verify)
    {
        using TempDirectory folder = new();
        FileTransferResult result = Copies.Copy(folder.Write("source", []), folder["copy"], new() { Verify = verify });
        Assert.Equal(verify == VerifyMode.Sha256 ? Content.HashOf([]) : null, result.Hash);
    }

    private static void Damage(string path, int offset)
    {
        // Past .NET, which takes a locked file for one in use.
        using Descriptor file = FileFacts.Open(path, MemTools.Native.OpenFlags.ReadWrite);
        unsafe
        {
            byte value;
            Assert.Equal(1, FileIO.ReadAt(file, (nint)(&value), 1, offset));
            value ^= 1;
            Assert.Equal(1, FileIO.WriteAt(file, (nint)(&value), 1, offset));
        }
    }
}
