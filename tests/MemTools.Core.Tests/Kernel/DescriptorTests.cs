using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;

namespace MemTools.Tests.Kernel;

public class DescriptorTests
{
    [Fact]
    public void Disposing_twice_closes_once()
    {
        Descriptor first = FileFacts.Open("/dev/null", OpenFlags.ReadOnly);
        first.Dispose();
        first.Dispose();
        Assert.True(first.IsClosed);
    }

    [Fact]
    public void A_closed_file_is_an_exception_and_not_another_file()
    {
        Descriptor file = FileFacts.Open("/dev/null", OpenFlags.ReadOnly);
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => FileIO.Seek(file, 0, FileCalls.SeekSet));
    }

    [Fact]
    public void Disposing_closes_the_file()
    {
        using TempDirectory folder = new();
        Descriptor file = FileFacts.Create(folder["locked"]);
        Assert.Equal(0, FileIO.TryLock(file));
        using Descriptor other = FileFacts.Open(folder["locked"], OpenFlags.ReadOnly);
        Assert.Equal(Errno.EAGAIN, KernelResult.ErrnoOf(FileIO.TryLock(other)));
        file.Dispose();
        Assert.Equal(0, FileIO.TryLock(other));
    }

    [Fact]
    public void Files_are_opened_so_that_no_child_inherits_them()
    {
        const int getDescriptorFlags = 1;
        const int closeOnExec = 1;
        using Descriptor file = FileFacts.Open("/dev/null", OpenFlags.ReadOnly);
        Assert.Equal(closeOnExec, FileCalls.Control(file, getDescriptorFlags, 0));
    }

    [Fact]
    public void Flushing_keeps_the_file_open_and_locked()
    {
        using TempDirectory folder = new();
        using Descriptor file = FileFacts.Create(folder["file"]);
        Assert.Equal(0, FileIO.TryLock(file));
        Assert.Equal(0, FileIO.Flush(file));
        Assert.Equal(0, FileIO.Seek(file, 0, FileCalls.SeekSet));
        using Descriptor other = FileFacts.Open(folder["file"], OpenFlags.ReadOnly);
        Assert.Equal(Errno.EAGAIN, KernelResult.ErrnoOf(FileIO.TryLock(other)));
    }
}
