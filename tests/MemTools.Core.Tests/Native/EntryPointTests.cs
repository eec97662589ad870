using System.Reflection;
using System.Runtime.InteropServices;
using MemTools.Native;

namespace MemTools.Tests.Native;

/// <summary>Every function that the core calls exists in the C libraries it runs on.</summary>
public class EntryPointTests
{
    public static TheoryData<string> Compilers => CCompiler.Names;

    private static string[] EntryPoints { get; } =
    [
        .. typeof(FileCalls).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(CConstant.AnyStatic | BindingFlags.DeclaredOnly))
            .Select(method => method.GetCustomAttribute<DllImportAttribute>())
            .OfType<DllImportAttribute>()
            .Select(import => import.EntryPoint!)
            .Distinct(),
    ];

    [Fact]
    public void All_imports_are_from_the_C_library_and_keep_errno_unless_they_have_none()
    {
        // These cannot fail, or (posix_fadvise) return the error number itself.
        string[] withoutErrno = ["geteuid", "getppid", "free", "malloc_usable_size", "posix_fadvise"];
        MethodInfo[] imports =
        [
            .. typeof(FileCalls).Assembly.GetTypes()
                .SelectMany(type => type.GetMethods(CConstant.AnyStatic | BindingFlags.DeclaredOnly))
                .Where(method => method.GetCustomAttribute<LibraryImportAttribute>() is not null),
        ];
        Assert.NotEmpty(imports);
        Assert.All(imports, import =>
        {
            LibraryImportAttribute attribute = import.GetCustomAttribute<LibraryImportAttribute>()!;
            Assert.Equal("libc", attribute.LibraryName);
            Assert.Equal(!withoutErrno.Contains(attribute.EntryPoint), attribute.SetLastError);
        });
    }

    [Fact]
    public void The_running_C_library_exports_every_function()
    {
        Assert.True(EntryPoints.Length > 30, $"Only {EntryPoints.Length} entry points were found.");
        nint library = NativeLibrary.Load("libc", typeof(FileCalls).Assembly, null);
        Assert.All(EntryPoints, name => Assert.True(NativeLibrary.TryGetExport(library, name, out _), $"libc lacks {name}."));
    }

    [SkippableTheory]
    [MemberData(nameof(Compilers))]
    public void Each_target_links_every_function(string command)
    {
        CCompiler compiler = CCompiler.Need(command);
        (int exitCode, string output) = compiler.Link(ProgramThatUses(EntryPoints));
        Assert.True(exitCode == 0, output);
    }

    [SkippableTheory]
    [MemberData(nameof(Compilers))]
    public void A_function_that_does_not_exist_does_not_link(string command)
    {
        CCompiler compiler = CCompiler.Need(command);
        Assert.NotEqual(0, compiler.Link(ProgramThatUses(["no_such_function_anywhere"])).ExitCode);
    }

    private static string ProgramThatUses(string[] functions)
    {
        string declarations = string.Concat(functions.Select(name => $"extern void {name}(void);\n"));
        return $"{declarations}void (*all[])(void) = {{ {string.Join(", ", functions)} }};\nint main(void) {{ return all[0] == 0; }}\n";
    }
}
