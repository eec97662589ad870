using MemTools.Tests.Rings;
using MemTools.Tests.Transfer.Network;

/// <summary>Called by .NET before a program's own entry where DOTNET_STARTUP_HOOKS names this assembly: see <see cref="RingPeer"/> and <see cref="MovePeer"/>.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1050:Declare types in namespaces", Justification = "Found by this name.")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
internal static class StartupHook
{
    /// <summary>Ends the process when the peer's work is done; does nothing in any other process.</summary>
    public static void Initialize()
    {
        if (RingPeer.TryRun() || MovePeer.TryRun())
            Environment.Exit(0);
    }
}
