using MemTools.Kernel;

namespace MemTools.Experiments;

/// <summary>Memory of this process as the kernel counts it: proc(5).</summary>
internal static class OwnMemory
{
    private const string ForgetPeak = "5";

    /// <summary>Resident memory now, and the most since the start or <see cref="TryForgetPeak"/>, in bytes.</summary>
    internal static (long Now, long Peak) Resident()
    {
        string status = File.ReadAllText("/proc/self/status");
        return (Field(status, "VmRSS"), Field(status, "VmHWM"));
    }

    /// <summary>Makes VmHWM begin anew. False where /proc is read-only, as in some containers.</summary>
    internal static bool TryForgetPeak()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", ForgetPeak);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static long Field(string status, string name) => KilobyteField.Bytes(status, name)
        ?? throw new MemToolsException(ErrorKind.NotSupported, $"/proc/self/status has no line {name}.");
}
