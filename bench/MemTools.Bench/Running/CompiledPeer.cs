using System.Globalization;
using System.Reflection;

namespace MemTools.Bench.Running;

/// <summary>A program in C or C++ that does the same work, compiled for the run. It times itself and prints seconds.</summary>
internal sealed class CompiledPeer : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("memtools-peer-").FullName;

    private CompiledPeer(string source)
    {
        string file = Path.Combine(_directory, source);
        using (Stream content = Assembly.GetExecutingAssembly().GetManifestResourceStream(source)!)
        using (FileStream target = File.Create(file))
            content.CopyTo(target);
        // C++ gets what .NET's compiler has too: this machine's instructions.
        string[] options = IsCPlusPlus(source) ? ["-std=c++20", "-O3", "-march=native", "-pthread"] : ["-O2"];
        ProcessTimer.Run(CompilerOf(source), [.. options, "-o", Program, file]);
    }

    internal static bool HasCompiler => ProcessTimer.IsOnPath("cc");

    internal static bool HasCompilerFor(string source) => ProcessTimer.IsOnPath(CompilerOf(source));

    /// <summary>Path of what was compiled.</summary>
    internal string Program => Path.Combine(_directory, "peer");

    /// <summary>Compiles a source of bench/peers.</summary>
    internal static CompiledPeer Of(string source) => new(source);

    internal double Time(params string[] arguments) => TimeWith(null, arguments);

    /// <summary>The same with a library preloaded, or none.</summary>
    internal double TimeWith(string? library, params string[] arguments)
    {
        string line = library is null
            ? ProcessTimer.FirstLine(Program, arguments)
            : ProcessTimer.FirstLine("env", [$"LD_PRELOAD={library}", Program, .. arguments]);
        return double.TryParse(line, CultureInfo.InvariantCulture, out double seconds)
            ? seconds
            : throw new CommandFailedException($"{Program} printed '{line}'.");
    }

    private static string CompilerOf(string source) => IsCPlusPlus(source) ? "c++" : "cc";

    private static bool IsCPlusPlus(string source) => source.EndsWith(".cpp", StringComparison.Ordinal);

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
