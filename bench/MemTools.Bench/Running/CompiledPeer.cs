using System.Globalization;
using System.Reflection;

namespace MemTools.Bench.Running;

/// <summary>A program in C that does the same work, compiled for the run. It times itself and prints seconds.</summary>
internal sealed class CompiledPeer : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("memtools-peer-").FullName;

    private CompiledPeer(string source)
    {
        string file = Path.Combine(_directory, source);
        using (Stream content = Assembly.GetExecutingAssembly().GetManifestResourceStream(source)!)
        using (FileStream target = File.Create(file))
            content.CopyTo(target);
        ProcessTimer.Run(Compiler, "-O2", "-o", Program, file);
    }

    internal static bool HasCompiler => ProcessTimer.IsOnPath(Compiler);

    private static string Compiler => "cc";

    private string Program => Path.Combine(_directory, "peer");

    /// <summary>Compiles a source of bench/peers.</summary>
    internal static CompiledPeer Of(string source) => new(source);

    internal double Time(params string[] arguments)
    {
        string line = ProcessTimer.FirstLine(Program, arguments);
        return double.TryParse(line, CultureInfo.InvariantCulture, out double seconds)
            ? seconds
            : throw new CommandFailedException($"{Program} printed '{line}'.");
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
