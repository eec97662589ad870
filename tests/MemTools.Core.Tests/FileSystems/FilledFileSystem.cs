using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;

namespace MemTools.Tests.FileSystems;

/// <summary>Fills a file system up but for a little room, for as long as it lives.</summary>
internal sealed class FilledFileSystem : IDisposable
{
    private readonly string _folder;

    internal FilledFileSystem(string root, int roomLeft)
    {
        _folder = Directory.CreateDirectory(Path.Combine(root, "filling")).FullName;
        string room = Path.Combine(_folder, "room");
        File.WriteAllBytes(room, Content.Random(roomLeft));
        Tool.RunChecked("sync", "-f", root);
        Fill(Path.Combine(_folder, "rest"));
        File.Delete(room);
        // What a deleted file took is free, on btrfs, after the next commit.
        Tool.RunChecked("sync", "-f", root);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void Fill(string path)
    {
        using Descriptor file = FileFacts.Create(path);
        long length = 0;
        for (int step = 16 * 1024 * 1024; step >= 4096; step /= 4)
        {
            while (Extend(file, length, step))
                length += step;
        }
    }

    private static bool Extend(Descriptor file, long offset, int step)
    {
        long result = KernelResult.Of(FileCalls.Allocate(file, 0, offset, step));
        return KernelResult.ErrnoOf(result) == Errno.EOPNOTSUPP ? Write(file, offset, step) : result == 0;
    }

    private static bool Write(Descriptor file, long offset, int step)
    {
        using Mapping zeros = Mapping.Memory(step);
        return FileIO.WriteAt(file, zeros.Address, step, offset) == step;
    }
}
