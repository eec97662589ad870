namespace MemTools.Tests.Support;

/// <summary>The command memtools, as built beside the tests.</summary>
internal static class ProcessMemTools
{
    private const string Library = "memtools.dll";

    private static readonly string[] Parts =
        [Library, "memtools.runtimeconfig.json", "memtools.deps.json", "MemTools.Core.dll", "System.CommandLine.dll"];

    /// <summary>The .NET host that runs the tests.</summary>
    internal static string Host { get; } = FindHost();

    /// <summary>The words that start memtools; its arguments follow.</summary>
    internal static string[] Command { get; } = [Host, Path.Combine(AppContext.BaseDirectory, Library)];

    internal static ProcessRun StartCopy(params string[] arguments) => ProcessRun.Start([.. Command, "copy", .. arguments]);

    internal static ProcessResult Copy(params string[] arguments)
    {
        using ProcessRun run = StartCopy(arguments);
        return run.Wait();
    }

    internal static ProcessResult Run(params string[] arguments)
    {
        using ProcessRun run = ProcessRun.Start([.. Command, .. arguments]);
        return run.Wait();
    }

    /// <summary>The command as a word list for a shell's command line.</summary>
    internal static string ShellCommand => string.Join(' ', Command.Select(Quote));

    /// <summary>Puts a word in quotes that a shell takes away again.</summary>
    internal static string Quote(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>Copies memtools to a folder, where users who may not see the tests' own can run it.</summary>
    internal static string[] InstallTo(string folder)
    {
        foreach (string part in Parts)
            File.Copy(Path.Combine(AppContext.BaseDirectory, part), Path.Combine(folder, part), overwrite: true);
        return [Host, Path.Combine(folder, Library)];
    }

    private static string FindHost()
    {
        string? own = Environment.ProcessPath;
        if (Path.GetFileName(own) == "dotnet")
            return own!;
        return Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
    }
}
