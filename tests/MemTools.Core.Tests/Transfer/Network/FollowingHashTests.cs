using System.Security.Cryptography;
using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Transfer;
using MemTools.Transfer.Network;

namespace MemTools.Tests.Transfer.Network;

/// <summary>The hash that follows a move, over files with holes and files that are cut.</summary>
public class FollowingHashTests
{
    private const int Mebibyte = 1024 * 1024;

    [SkippableTheory]
    [InlineData(Place.Disk)]
    [InlineData(Place.Memory)]
    public void Data_and_holes_count_alike_however_it_is_let_on(Place place)
    {
        using TempDirectory folder = new(place);
        string path = folder["file"];
        using (FileStream file = File.Create(path))
        {
            foreach (int at in (int[])[0, 3, 4, 5, 9])
            {
                file.Position = at * Mebibyte;
                file.Write(Content.Random(Mebibyte - (at * 1000), seed: at));
            }

            file.SetLength((12 * Mebibyte) + 77);
        }

        long length = new FileInfo(path).Length;
        foreach (long step in (long[])[70_001, (3 * Mebibyte) + 1, length])
        {
            CopyEnd end = Moves.OpenFile(path);
            using Descriptor open = end.File;
            using FollowingHash hash = new(end, IncrementalHash.CreateHash(HashAlgorithmName.SHA256), 0);
            for (long at = step; at < length; at += step)
                hash.Advance(at, mostBehind: Mebibyte);
            Assert.Equal(Content.HashOf(path), Convert.ToHexString(hash.Finish(length, () => { })));
            Assert.False(hash.EndedEarly);
        }
    }

    [Fact]
    public void A_file_that_is_cut_within_what_was_known_as_data_is_found()
    {
        using TempDirectory folder = new();
        string path = folder.Write("file", Content.Random(8 * Mebibyte));
        CopyEnd end = Moves.OpenFile(path);
        using Descriptor open = end.File;
        using FollowingHash hash = new(end, IncrementalHash.CreateHash(HashAlgorithmName.SHA256), 0);
        hash.Advance(Mebibyte, mostBehind: 0);
        using (FileStream file = new(path, FileMode.Open, FileAccess.Write))
            file.SetLength(2 * Mebibyte);
        hash.Finish(8 * Mebibyte, () => { });
        Assert.True(hash.EndedEarly);
    }
}
