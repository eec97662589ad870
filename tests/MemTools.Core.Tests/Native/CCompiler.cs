using System.Runtime.InteropServices;
using MemTools.Tests.Support;

namespace MemTools.Tests.Native;

/// <summary>A C compiler for one of the targets that the declarations in Native/ must fit.</summary>
/// <param name="Command">Its name on PATH.</param>
/// <param name="Package">The Debian package that has it.</param>
/// <param name="Processor">The processor that it compiles for.</param>
/// <param name="KernelHeaders">Options that let it find the kernel's own headers.</param>
internal sealed record CCompiler(string Command, string Package, Architecture Processor, string[] KernelHeaders)
{
    private static readonly CCompiler[] All =
    [
        new("gcc", "gcc", Architecture.X64, []),
        // musl-gcc leaves the kernel's headers out; they are taken after musl's own.
        new("musl-gcc", "musl-tools", Architecture.X64,
            ["-idirafter", "/usr/include", "-idirafter", "/usr/include/x86_64-linux-gnu"]),
        new("aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu", Architecture.Arm64, []),
    ];

    public static TheoryData<string> Names => [.. All.Select(compiler => compiler.Command)];

    /// <summary>The compiler of that name; skips the test where it is not installed.</summary>
    internal static CCompiler Need(string command)
    {
        CCompiler compiler = All.Single(one => one.Command == command);
        Tool.Need(command, compiler.Package);
        bool elsewhere = command != "aarch64-linux-gnu-gcc"
            && RuntimeInformation.ProcessArchitecture != compiler.Processor;
        Skip.If(elsewhere, $"{command} compiles for this machine's processor, which is not {compiler.Processor}");
        return compiler;
    }

    /// <summary>Compiles a translation unit without linking it. Returns the compiler's exit code and its complaints.</summary>
    internal (int ExitCode, string Output) Compile(string source, bool kernelHeaders)
    {
        using TempDirectory folder = new();
        string file = folder.Write("check.c", System.Text.Encoding.UTF8.GetBytes(source));
        string[] headers = kernelHeaders ? KernelHeaders : [];
        return Tool.Run(Command, ["-std=gnu11", "-c", .. headers, "-o", folder["check.o"], file]);
    }

    /// <summary>Compiles and links a program.</summary>
    internal (int ExitCode, string Output) Link(string source)
    {
        using TempDirectory folder = new();
        string file = folder.Write("check.c", System.Text.Encoding.UTF8.GetBytes(source));
        return Tool.Run(Command, ["-std=gnu11", "-fno-builtin", "-o", folder["check"], file]);
    }

    /// <summary>Compiles a shared library to a file.</summary>
    internal void LinkLibrary(string source, string library)
    {
        using TempDirectory folder = new();
        string file = folder.Write("library.c", System.Text.Encoding.UTF8.GetBytes(source));
        Tool.RunChecked(Command, "-std=gnu11", "-shared", "-fPIC", "-o", library, file);
    }
}
