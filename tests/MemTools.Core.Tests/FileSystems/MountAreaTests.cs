using MemTools.Tests.Support;

namespace MemTools.Tests.FileSystems;

/// <summary>What a crashed run left mounted does not stay for ever.</summary>
[Collection(MountingTests.Name)]
public sealed class MountAreaTests(MountedFileSystems systems)
{
    [SkippableFact]
    public void What_a_dead_run_left_is_unmounted_and_removed_and_what_a_living_one_uses_is_not()
    {
        systems.Need(FileSystemKind.Tmpfs);
        using TempDirectory parent = new(Place.Memory);
        string dead = parent.MakeDirectory("memtools-mounts-dead");
        string left = Directory.CreateDirectory(Path.Combine(dead, "left")).FullName;
        Tool.RunChecked("mount", "-t", "tmpfs", "tmpfs", left);
        string inner = Directory.CreateDirectory(Path.Combine(left, "inner")).FullName;
        Tool.RunChecked("mount", "-t", "tmpfs", "tmpfs", inner);
        using (MountArea living = new(parent.Path))
        {
            Assert.False(Directory.Exists(dead));
            File.WriteAllBytes(Path.Combine(living.Path, "image"), [1]);
            using MountArea second = new(parent.Path);
            Assert.Equal([1], File.ReadAllBytes(Path.Combine(living.Path, "image")));
        }

        Assert.Empty(parent.Names);
        Assert.DoesNotContain(dead, File.ReadAllText("/proc/self/mountinfo"), StringComparison.Ordinal);
    }
}
