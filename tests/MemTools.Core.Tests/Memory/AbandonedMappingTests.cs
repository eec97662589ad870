using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Memory;
using MemTools.Native;
using MemTools.Tests.Support;

namespace MemTools.Tests.Memory;

/// <summary>Mappings that nobody closed.</summary>
public class AbandonedMappingTests
{
    [Fact]
    public void They_are_listed_and_can_be_collected()
    {
        using TempDirectory folder = new();
        string path = folder.Write("abandoned", new byte[Environment.SystemPageSize]);
        Abandon(path);
        Waited.For(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return !IsMapped(path);
        });
        Assert.DoesNotContain(MappedFile.GetAll(), file => file.Path == path);
    }

    [Fact]
    public void A_mapping_that_is_refused_for_want_of_room_is_tried_once_more_after_a_collection()
    {
        using TempDirectory folder = new();
        string path = folder.Write("abandoned", new byte[Environment.SystemPageSize]);
        Abandon(path);
        using MappingTarget target = MappingTarget.Open(folder.Write("file", [1]), new());
        int attempts = 0;
        long RefuseOnce(out Mapping? mapping)
        {
            mapping = null;
            return attempts++ == 0 ? -(long)Errno.ENOMEM : Mapping.TryMapFile(target.File, 0, 1, out mapping);
        }

        using (MappingLimit.Retry(target, 1, RefuseOnce))
            Assert.Equal((2, false), (attempts, IsMapped(path)));
    }

    [Fact]
    public void One_that_is_refused_again_names_what_limits_it()
    {
        using TempDirectory folder = new();
        using MappingTarget target = MappingTarget.Open(folder.Write("file", [1]), new());
        static long Refuse(out Mapping? mapping)
        {
            mapping = null;
            return -(long)Errno.ENOMEM;
        }

        MemToolsException error = Assert.Throws<MemToolsException>(() => MappingLimit.Retry(target, 1, Refuse));
        Assert.Equal(ErrorKind.OutOfMemory, error.Kind);
        Assert.Contains("ulimit -v", error.Message, StringComparison.Ordinal);
        Assert.Contains("vm.max_map_count allows 10", AddressSpace.TooManyMappings("mmap: ENOMEM", 12, 10).Message, StringComparison.Ordinal);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Abandon(string path)
    {
        MappedFile file = MappedFile.Open(path);
        Assert.Contains(MappedFile.GetAll(), one => ReferenceEquals(one, file));
        Assert.True(IsMapped(path));
    }

    private static bool IsMapped(string path) =>
        File.ReadLines("/proc/self/maps").Any(line => line.EndsWith(path, StringComparison.Ordinal));
}
