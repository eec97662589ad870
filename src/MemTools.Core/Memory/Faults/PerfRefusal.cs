using System.Globalization;
using System.Runtime.InteropServices;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>Why perf_event_open(2) gives this process nothing, as a sentence that says what would help.</summary>
internal static class PerfRefusal
{
    private const string ParanoidFile = "/proc/sys/kernel/perf_event_paranoid";

    /// <summary>At 2 a thread may still count what it does in user mode.</summary>
    private const int HighestThatAllows = 2;

    internal static string Of(Errno errno)
    {
        string why = errno switch
        {
            Errno.EACCES or Errno.EPERM => Forbidden(),
            Errno.ENOSYS => "a seccomp filter hides it, or the kernel was built without it",
            _ => Marshal.GetPInvokeErrorMessage((int)errno),
        };
        return $"perf_event_open: {errno}: {why}";
    }

    /// <summary>The setting is no secret, but a container may not show it.</summary>
    private static string Forbidden()
    {
        try
        {
            string level = File.ReadAllText(ParanoidFile).Trim();
            return int.TryParse(level, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number <= HighestThatAllows
                ? $"a seccomp filter or a security module forbids it (kernel.perf_event_paranoid is {level}, which would allow it)"
                : $"kernel.perf_event_paranoid is {level}, and {HighestThatAllows} or less would allow it";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "kernel.perf_event_paranoid, a seccomp filter or a security module forbids it";
        }
    }
}
