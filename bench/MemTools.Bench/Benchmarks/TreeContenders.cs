using MemTools.Bench.Running;

namespace MemTools.Bench.Benchmarks;

/// <summary>Who copies a tree: the cmdlets, timed in a pwsh that is up, and programs, timed as whole commands.</summary>
internal sealed class TreeContenders(PowerShellHost shell, BenchmarkSettings settings, string source, string destination)
{
    internal const string Copy = "Copy-FileZeroCopy -Recurse";
    internal const string Sync = "Sync-FolderZeroCopy";
    internal const string CopyProgram = "memtools copy --recursive";
    internal const string SyncProgram = "memtools sync";
    internal const string Cp = "cp -a";
    internal const string Rsync = "rsync -a";
    internal const string CopyItem = "Copy-Item -Recurse";

    /// <summary>Those of this module that a target is set for, as far as they are there.</summary>
    internal static readonly string[] Ours = [Copy, Sync, CopyProgram];

    private readonly string _paths = $"{PowerShell.Quote(source)} {PowerShell.Quote(destination)}";
    private readonly string _program = ProgramPath(settings);

    internal Contender SyncRun => new(Sync, () => shell.Time($"Sync-FolderZeroCopy {_paths} -Preserve All"));

    internal static bool HasProgram(BenchmarkSettings settings) => File.Exists(ProgramPath(settings));

    /// <summary>To a destination that is not there.</summary>
    internal IEnumerable<Contender> First(bool alsoCopyItem)
    {
        yield return new(Copy, () => shell.Time($"Copy-FileZeroCopy {_paths} -Recurse -Preserve All"));
        yield return SyncRun;
        if (HasProgram(settings))
            yield return new(CopyProgram, () => ProcessTimer.Time(_program, ["copy", "--quiet", "--recursive", "--preserve", "All", source, destination]));
        yield return new(Cp, () => ProcessTimer.Time("cp", ["-a", source, destination]));
        if (alsoCopyItem)
            yield return new(CopyItem, () => shell.Time($"Copy-Item {_paths} -Recurse"));
        if (ProcessTimer.IsOnPath("rsync"))
            yield return RsyncRun;
    }

    /// <summary>To a destination that is up to date.</summary>
    internal IEnumerable<Contender> Second()
    {
        yield return SyncRun;
        if (HasProgram(settings))
            yield return new(SyncProgram, () => ProcessTimer.Time(_program, ["sync", "--quiet", "--preserve", "All", source, destination]));
        if (ProcessTimer.IsOnPath("rsync"))
            yield return RsyncRun;
    }

    private Contender RsyncRun => new(Rsync, () => ProcessTimer.Time("rsync", ["-a", source + "/", destination]));

    private static string ProgramPath(BenchmarkSettings settings) => Path.Combine(Path.GetDirectoryName(settings.Module)!, "memtools");
}
