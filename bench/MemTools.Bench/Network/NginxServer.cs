using System.Diagnostics;
using MemTools.Bench.Running;

namespace MemTools.Bench.Network;

/// <summary>An nginx that serves one folder with sendfile, in a folder of its own.</summary>
internal sealed class NginxServer : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("memtools-nginx-").FullName;
    private readonly Process _process;

    internal NginxServer(string root, int port)
    {
        Port = port;
        string configuration = Path.Combine(_directory, "nginx.conf");
        string user = Environment.IsPrivilegedProcess ? "user root;" : string.Empty;
        File.WriteAllText(
            configuration,
            $$"""
            daemon off; master_process off; {{user}} pid {{_directory}}/pid; error_log {{_directory}}/error;
            events { }
            http { access_log off; sendfile on; server { listen 127.0.0.1:{{port}}; root {{root}}; } }
            """);
        _process = Process.Start(Program!, ["-e", $"{_directory}/error", "-p", _directory, "-c", configuration]);
    }

    internal static bool IsInstalled => Program is not null;

    internal int Port { get; }

    private static string? Program { get; } =
        (ProcessTimer.IsOnPath("nginx") ? "nginx" : null) ?? (File.Exists("/usr/sbin/nginx") ? "/usr/sbin/nginx" : null);

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
