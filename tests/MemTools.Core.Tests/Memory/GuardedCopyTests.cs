using System.Runtime.InteropServices;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;

namespace MemTools.Tests.Memory;

/// <summary>The two ways of copying to and from pages that may vanish do the same.</summary>
public unsafe class GuardedCopyTests
{
    private static readonly int Page = Environment.SystemPageSize;

    public static TheoryData<bool> Ways => [true, false];

    [Theory]
    [MemberData(nameof(Ways))]
    public void Bytes_come_and_go(bool pipe)
    {
        byte[] source = Content.Random(300_001);
        byte[] target = new byte[source.Length];
        fixed (byte* from = source, to = target)
            Assert.Equal(source.Length, Read(pipe, (nint)from, (nint)to, source.Length));
        Assert.Equal(source, target);
        Array.Clear(target);
        fixed (byte* from = source, to = target)
            Assert.Equal(source.Length, pipe ? PipeCopy.Copy((nint)from, (nint)to, source.Length) : GuardedCopy.Write((nint)to, (nint)from, source.Length));
        Assert.Equal(source, target);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_page_behind_the_end_of_its_file_is_EFAULT(bool pipe)
    {
        using TempDirectory folder = new();
        string path = folder.Write("file", Content.Random(2 * Page));
        using Descriptor file = FileFacts.Open(path, OpenFlags.ReadWrite);
        int protection = MemoryCalls.ProtectRead | MemoryCalls.ProtectWrite;
        Assert.Equal(0, Mapping.TryMapFile(file, 0, 4 * Page, protection, MemoryCalls.MapShared, out Mapping? mapping));
        using (mapping)
        {
            nint buffer = (nint)NativeMemory.AllocZeroed((nuint)(4 * Page));
            Assert.Equal(-(long)Errno.EFAULT, Read(pipe, mapping!.Address + (3 * Page), buffer, 10));
            long some = Read(pipe, mapping.Address + Page, buffer, 3 * Page);
            Assert.True(some == Page || (pipe && some == -(long)Errno.EFAULT), $"{some}");
            long written = pipe ? PipeCopy.Copy(buffer, mapping.Address + (3 * Page), 10) : GuardedCopy.Write(mapping.Address + (3 * Page), buffer, 10);
            Assert.Equal(-(long)Errno.EFAULT, written);
            NativeMemory.Free((void*)buffer);
        }
    }

    private static long Read(bool pipe, nint source, nint buffer, long count) =>
        pipe ? PipeCopy.Copy(source, buffer, count) : GuardedCopy.Read(source, buffer, count);
}
