using MemTools.Tests.Support;

namespace MemTools.Tests.Faults;

/// <summary>Runs memtools as a user without privileges: root is never refused. Skips where that cannot be.</summary>
internal sealed class OtherUser : IDisposable
{
    internal const int Id = 65534;

    private static readonly string[] Become =
        ["setpriv", $"--reuid={Id}", $"--regid={Id}", "--clear-groups", "--inh-caps=-all", "--"];

    private readonly string[] _command;

    internal OtherUser()
    {
        Skip.If(Environment.UserName != "root", "Only root can become another user.");
        Folder = new();
        ProcessRun.Require("chmod", "755", Folder.Root);
        string[] command = ProcessMemTools.InstallTo(Folder.MakeFolder("bin"));
        ProcessRun.Require("chmod", "-R", "a+rX", Folder["bin"]);
        _command = [.. Become, .. command];
        ProcessResult trial = ProcessRun.Execute([.. _command, "--version"]);
        if (trial.ExitCode == 0)
            return;
        Folder.Dispose();
        Skip.If(true, $"Another user cannot run memtools here: {trial}");
    }

    internal ProcessFolder Folder { get; }

    internal ProcessResult Copy(params string[] arguments) => ProcessRun.Execute([.. _command, "copy", "--json", .. arguments]);

    internal ProcessResult Run(params string[] arguments) => ProcessRun.Execute([.. _command, .. arguments]);

    /// <summary>A file of this user, or of another, with a mode.</summary>
    internal string Write(string name, string owner, string mode, int seed = 1)
    {
        string path = Folder.Write(name, 5000, seed);
        return Own(path, owner, mode);
    }

    /// <summary>A folder of this user, or of another, with a mode.</summary>
    internal string MakeFolder(string name, string owner, string mode) => Own(Folder.MakeFolder(name), owner, mode);

    internal static string Own(string path, string owner, string mode)
    {
        ProcessRun.Require("chown", owner, path);
        ProcessRun.Require("chmod", mode, path);
        return path;
    }

    public void Dispose() => Folder.Dispose();
}
