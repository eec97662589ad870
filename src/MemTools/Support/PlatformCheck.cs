using System.Management.Automation;

namespace MemTools.Commands.Support;

/// <summary>
/// Refuses the import where there is no Linux kernel. Here and not in a script, which would be a third of what the module's own
/// import takes.
/// </summary>
public sealed class PlatformCheck : IModuleAssemblyInitializer
{
    /// <inheritdoc/>
    public void OnImport() => Require(OperatingSystem.IsLinux());

    /// <summary>Throws unless the platform is the one that the module is for.</summary>
    internal static void Require(bool isLinux)
    {
        if (!isLinux)
            throw new PlatformNotSupportedException("MemTools wraps system calls of the Linux kernel and cannot be imported on this platform.");
    }
}
