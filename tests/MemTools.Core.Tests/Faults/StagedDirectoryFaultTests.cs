using MemTools.Tests.Support;

namespace MemTools.Tests.Faults;

/// <summary>Calls that fail while a new directory has its temporary name: what is not whole is not to be found.</summary>
public sealed class StagedDirectoryFaultTests
{
    [SkippableFact]
    public void Where_it_cannot_take_its_name_every_file_is_an_error_and_nothing_is_left()
    {
        using Scene scene = new();
        ProcessResult result = scene.Copy("renameat2:error=ENOSPC");
        Assert.Equal(1, result.ExitCode);
        Assert.Equal(Scene.Files + 1, Errors(result));
        Assert.Empty(scene.Copied);
    }

    [SkippableFact]
    public void A_file_that_breaks_is_removed_and_the_others_stay()
    {
        using Scene scene = new();
        ProcessResult result = scene.Copy("utimensat:error=EIO", "copy_file_range:error=EIO:when=3");
        Assert.Equal(1, result.ExitCode);
        Assert.Equal(Scene.Files - 1, scene.Copied.Count(File.Exists));
        scene.AssertWhole();
    }

    [SkippableFact]
    public void Where_a_broken_file_cannot_be_removed_the_directory_gets_no_name()
    {
        using Scene scene = new();
        ProcessResult result = scene.Copy("copy_file_range:error=EIO:when=3", "unlinkat:error=EIO");
        Assert.Equal(1, result.ExitCode);
        Assert.DoesNotContain(scene.Copied, path => !path.Contains(".memtools-", StringComparison.Ordinal));
        // The next run removes it.
        Assert.Equal(0, scene.Copy().ExitCode);
        Assert.DoesNotContain(scene.Copied, path => path.Contains(".memtools-", StringComparison.Ordinal));
        scene.AssertWhole();
    }

    [SkippableFact]
    public void Without_locks_it_is_made_all_the_same()
    {
        using Scene scene = new();
        Assert.Equal(0, scene.Copy("flock:error=ENOLCK").ExitCode);
        Assert.Equal(Scene.Files, scene.Copied.Count(File.Exists));
        scene.AssertWhole();
    }

    private static int Errors(ProcessResult result) => result.Error.Split('\n').Count(line => line.StartsWith("memtools: ", StringComparison.Ordinal));

    /// <summary>A directory of small files, and a copy of it in an empty folder.</summary>
    private sealed class Scene : IDisposable
    {
        internal const int Files = 8;

        private readonly ProcessFolder _folder;
        private readonly string _source;
        private readonly string _target;

        internal Scene()
        {
            Tracer.SkipWhereUnusable();
            _folder = new ProcessFolder();
            _source = _folder.MakeFolder("source");
            _target = _folder.MakeFolder("target");
            for (int i = 0; i < Files; i++)
                File.WriteAllBytes(Path.Combine(_source, $"f{i}"), Content.Random(2000 + i));
        }

        /// <summary>All that is in the target, hidden or not.</summary>
        internal string[] Copied => Directory.GetFileSystemEntries(
            _target, "*", new EnumerationOptions { AttributesToSkip = 0, RecurseSubdirectories = true });

        internal ProcessResult Copy(params string[] injections) =>
            Tracer.Copy(_folder, injections, "-r", "--method", "CopyFileRange", "--preserve", "All", "--throttle-limit", "1", _source, _target + "/").Result;

        internal void AssertWhole() => Assert.All(
            Copied.Where(File.Exists), file => Content.AssertSame(File.ReadAllBytes(Path.Combine(_source, Path.GetFileName(file))), file));

        public void Dispose() => _folder.Dispose();
    }
}
