using System.Text;

namespace MemTools.Tests.Support;

/// <summary>A small C program or library, compiled for one test: a source of numbers that is not the code under test.</summary>
internal sealed class CProgram : IDisposable
{
    private readonly TempDirectory _folder = new();

    private CProgram(string source, params string[] options)
    {
        string compiler = Tool.Need("gcc", "gcc");
        string file = _folder.Write("program.c", Encoding.UTF8.GetBytes(source));
        Tool.RunChecked(compiler, ["-std=gnu11", "-O0", "-fno-builtin", .. options, "-o", Path, file]);
    }

    internal string Path => _folder["program"];

    internal static CProgram Compile(string source) => new(source);

    internal static CProgram CompileLibrary(string source) => new(source, "-shared", "-fPIC");

    /// <summary>Runs it and returns what it wrote.</summary>
    internal string Run(params string[] arguments) => Tool.RunChecked(Path, arguments);

    public void Dispose() => _folder.Dispose();
}
