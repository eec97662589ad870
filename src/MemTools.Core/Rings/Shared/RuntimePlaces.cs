using System.Globalization;
using MemTools.Native;

namespace MemTools.Rings;

/// <summary>Where the directory of a user's sockets, locks and the like may be, in the order in which it is looked for.</summary>
/// <param name="Announced">XDG_RUNTIME_DIR, which logging in sets; null or empty where it is not set.</param>
/// <param name="OfUser">Where systemd makes it, for processes that were not told: those of cron, of sudo.</param>
/// <param name="Fallback">What this module makes itself on machines without either.</param>
internal sealed record RuntimePlaces(string? Announced, string OfUser, string Fallback)
{
    /// <summary>Those of the user who runs this process.</summary>
    internal static RuntimePlaces Current
    {
        get
        {
            string user = ProcessCalls.EffectiveUser().ToString(CultureInfo.InvariantCulture);
            return new(Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR"), $"/run/user/{user}", $"/tmp/memtools-{user}");
        }
    }
}
