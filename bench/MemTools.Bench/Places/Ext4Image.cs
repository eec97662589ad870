using MemTools.Bench.Running;

namespace MemTools.Bench.Places;

/// <summary>
/// ext4 in an image file that lies in tmpfs: the file system's own cost, without a disk that others use too. The
/// image is sparse and gives back what is deleted (discard), so that it takes no more memory than its files do.
/// </summary>
internal sealed class Ext4Image : Place
{
    /// <summary>
    /// ext4 gives up delayed allocation and begins to write where what is dirty nears what is free, which would be
    /// measured instead of the copy.
    /// </summary>
    private const long RoomOverNeed = 4;

    private const long Overhead = 256 * 1024 * 1024;

    private readonly string _image;

    internal Ext4Image(long bytes)
        : base("ext4", System.IO.Directory.CreateTempSubdirectory("memtools-bench-").FullName)
    {
        _image = $"/dev/shm/memtools-bench-{Environment.ProcessId}.ext4";
        try
        {
            using (FileStream image = File.Create(_image))
                image.SetLength((RoomOverNeed * bytes) + Overhead);
            ProcessTimer.Run(
                "mkfs.ext4", "-q", "-m", "0", "-N", "65536", "-E", "nodiscard,lazy_itable_init=0,lazy_journal_init=0", _image);
            ProcessTimer.Run("mount", "-o", "loop,discard", _image, Directory);
        }
        catch
        {
            Clear();
            throw;
        }
    }

    public override void Dispose()
    {
        ProcessTimer.Run("umount", Directory);
        Clear();
    }

    private void Clear()
    {
        File.Delete(_image);
        System.IO.Directory.Delete(Directory);
    }
}
