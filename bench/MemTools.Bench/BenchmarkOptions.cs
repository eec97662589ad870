using System.CommandLine;
using MemTools.Bench.Benchmarks;

namespace MemTools.Bench;

/// <summary>The options of the command line.</summary>
internal sealed class BenchmarkOptions
{
    private const long Mebibyte = 1024 * 1024;

    private readonly Option<int> _files = new("--files") { Description = "How many small files.", DefaultValueFactory = _ => 10_000 };
    private readonly Option<int> _fileSize = new("--file-size") { Description = "Bytes of a small file.", DefaultValueFactory = _ => 2048 };
    private readonly Option<int> _rounds = new("--rounds") { Description = "Rounds of large and small.", DefaultValueFactory = _ => 9 };
    private readonly Option<int> _starts = new("--starts") { Description = "Rounds of startup and maps.", DefaultValueFactory = _ => 15 };
    private readonly Option<long> _large = new("--large-size") { Description = "MiB of the large file.", DefaultValueFactory = _ => 1024 };
    private readonly Option<long> _memory = new("--memory-size") { Description = "MiB of the file of memory.", DefaultValueFactory = _ => 2048 };
    private readonly Option<int> _regions = new("--regions") { Description = "Regions of the process of maps.", DefaultValueFactory = _ => 10_000 };
    private readonly Option<DirectoryInfo?> _module = new("--module") { Description = "The built module; by default out/MemTools of this repository." };
    private readonly Option<FileInfo?> _output = new("--output") { Description = "Writes the tables between the markers of this file, as well as to the screen." };

    internal void AddTo(RootCommand root)
    {
        foreach (Option option in (Option[])[_files, _fileSize, _rounds, _starts, _large, _memory, _regions, _module, _output])
        {
            option.Recursive = true;
            root.Add(option);
        }
    }

    internal string? Output(ParseResult result) => result.GetValue(_output)?.FullName;

    internal BenchmarkSettings Settings(ParseResult result) => new()
    {
        Module = result.GetValue(_module)?.FullName ?? BuiltModule(),
        Files = result.GetValue(_files),
        FileSize = result.GetValue(_fileSize),
        Rounds = result.GetValue(_rounds),
        Starts = result.GetValue(_starts),
        LargeBytes = result.GetValue(_large) * Mebibyte,
        MemoryBytes = result.GetValue(_memory) * Mebibyte,
        Regions = result.GetValue(_regions),
    };

    private static string BuiltModule()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "MemTools.slnx")))
            directory = directory.Parent;
        return Path.Combine(directory?.FullName ?? Environment.CurrentDirectory, "out", "MemTools");
    }
}
