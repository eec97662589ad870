using System.Runtime.InteropServices;
using System.Text;

namespace MemTools.Tests.Native;

/// <summary>Sizes, offsets and values in Native/ are those that a C compiler finds in the headers, for each target.</summary>
public class LayoutTests
{
    private static readonly string[] LibraryHeaders =
    [
        "stddef.h", "stdint.h", "dirent.h", "errno.h", "fcntl.h", "poll.h", "signal.h", "sys/file.h", "sys/mman.h", "sys/personality.h", "sys/prctl.h",
        "sys/resource.h", "sys/socket.h", "sys/stat.h", "sys/statfs.h", "sys/syscall.h", "sys/types.h", "sys/uio.h", "time.h", "unistd.h",
        "stddef.h", "stdint.h", "dirent.h", "errno.h", "fcntl.h", "limits.h", "poll.h", "signal.h", "sys/file.h", "sys/mman.h", "sys/personality.h", "sys/prctl.h",
        "sys/resource.h", "sys/stat.h", "sys/statfs.h", "sys/syscall.h", "sys/types.h", "sys/uio.h", "time.h", "unistd.h",
    ];

    private static readonly string[] KernelHeaders =
    [
        "stddef.h", "asm/unistd.h", "linux/ethtool.h", "linux/falloc.h", "linux/fs.h", "linux/futex.h", "linux/if.h",
        "linux/kernel-page-flags.h", "linux/magic.h", "linux/membarrier.h", "linux/mman.h", "linux/mount.h", "linux/openat2.h",
        "linux/perf_event.h", "linux/sockios.h", "linux/stat.h",
    ];

    public static TheoryData<string> Compilers => CCompiler.Names;

    [SkippableTheory]
    [MemberData(nameof(Compilers))]
    public void What_the_C_library_declares_is_declared_alike(string command)
    {
        CCompiler compiler = CCompiler.Need(command);
        StringBuilder source = Begin(LibraryHeaders);
        AppendStructures(source, NativeDeclarations.LibraryStructures);
        AppendValues(source, NativeDeclarations.LibraryConstants.Select(one => (one.CName, one.Value)));
        AppendValues(source, NativeDeclarations.ProcessorConstants(compiler.Processor));
        AppendValues(source, NativeDeclarations.ErrorNumbers);
        AppendWhereDeclared(source, NativeDeclarations.RecentConstants);
        AssertCompiles(compiler, source, kernelHeaders: false);
    }

    [SkippableTheory]
    [MemberData(nameof(Compilers))]
    public void What_the_kernel_declares_is_declared_alike(string command)
    {
        CCompiler compiler = CCompiler.Need(command);
        StringBuilder source = Begin(KernelHeaders);
        AppendStructures(source, NativeDeclarations.KernelStructures);
        AppendValues(source, NativeDeclarations.KernelConstants.Select(one => (one.CName, one.Value)));
        AssertCompiles(compiler, source, kernelHeaders: true);
    }

    [SkippableTheory]
    [InlineData("gcc")]
    [InlineData("aarch64-linux-gnu-gcc")]
    public void What_glibc_alone_declares_is_declared_alike(string command)
    {
        CCompiler compiler = CCompiler.Need(command);
        StringBuilder source = Begin(["stddef.h", "malloc.h"]);
        AppendStructures(source, NativeDeclarations.GlibcStructures);
        AppendValues(source, NativeDeclarations.GlibcConstants.Select(one => (one.CName, one.Value)));
        AssertCompiles(compiler, source, kernelHeaders: false);
    }

    [SkippableTheory]
    [MemberData(nameof(Compilers))]
    public void A_wrong_number_does_not_compile(string command)
    {
        CCompiler compiler = CCompiler.Need(command);
        decimal wrong = NativeDeclarations.LibraryConstants[0].Value + 1;
        StringBuilder source = Begin(LibraryHeaders);
        AppendValues(source, [(NativeDeclarations.LibraryConstants[0].CName, wrong)]);
        (int exitCode, string output) = compiler.Compile(source.ToString(), kernelHeaders: false);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("static assertion failed", output, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [MemberData(nameof(Compilers))]
    public void The_other_processors_numbers_do_not_compile(string command)
    {
        CCompiler compiler = CCompiler.Need(command);
        Architecture other = compiler.Processor == Architecture.X64 ? Architecture.Arm64 : Architecture.X64;
        foreach ((string Name, decimal Value) constant in NativeDeclarations.ProcessorConstants(other))
        {
            StringBuilder source = Begin(LibraryHeaders);
            AppendValues(source, [constant]);
            Assert.NotEqual(0, compiler.Compile(source.ToString(), kernelHeaders: false).ExitCode);
        }
    }

    [Fact]
    public void No_constant_goes_unchecked() => Assert.Empty(NativeDeclarations.UncheckedConstants());

    [Fact]
    public void No_structure_or_field_goes_unchecked() => Assert.Empty(NativeDeclarations.UncheckedFields());

    private static StringBuilder Begin(string[] headers)
    {
        StringBuilder source = new("#define _GNU_SOURCE\n#define _LARGEFILE64_SOURCE\n#define _FILE_OFFSET_BITS 64\n");
        foreach (string header in headers)
            source.Append($"#include <{header}>\n");
        return source;
    }

    private static void AppendStructures(StringBuilder source, IEnumerable<CStructure> structures)
    {
        foreach (CStructure one in structures)
        {
            Append(source, $"sizeof({one.Name})", Marshal.SizeOf(one.Type), one.MayBeLarger ? "<=" : "==");
            foreach ((string name, string cName) in one.Fields)
            {
                Type type = one.Type.GetField(name, System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)!.FieldType;
                Append(source, $"offsetof({one.Name}, {cName})", Marshal.OffsetOf(one.Type, name));
                Append(source, $"sizeof((({one.Name}*)0)->{cName})", Marshal.SizeOf(type));
            }
        }
    }

    private static void AppendValues(StringBuilder source, IEnumerable<(string Name, decimal Value)> constants)
    {
        foreach ((string name, decimal value) in constants)
            Append(source, name, value);
    }

    private static void AppendWhereDeclared(StringBuilder source, IEnumerable<CConstant> constants)
    {
        foreach (CConstant one in constants)
        {
            source.Append($"#ifdef {one.CName}\n");
            Append(source, one.CName, one.Value);
            source.Append("#endif\n");
        }
    }

    /// <summary>In C a comparison of int with long is one of long, and 4294967295 is a long.</summary>
    private static void Append(StringBuilder source, string expression, decimal value, string comparison = "==") =>
        source.Append($"_Static_assert(({expression}) {comparison} {value}, \"{expression} {comparison} {value}\");\n");

    private static void AssertCompiles(CCompiler compiler, StringBuilder source, bool kernelHeaders)
    {
        (int exitCode, string output) = compiler.Compile(source.ToString(), kernelHeaders);
        Assert.True(exitCode == 0, $"{compiler.Command}:\n{output}");
    }
}
