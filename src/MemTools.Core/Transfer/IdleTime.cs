using System.Globalization;
using MemTools.Kernel;

namespace MemTools.Transfer;

/// <summary>The error of an end that kept still for longer than it may.</summary>
internal static class IdleTime
{
    /// <param name="name">The end.</param>
    /// <param name="what">What it did not do: <c>sent</c> or <c>taken</c>.</param>
    /// <param name="limit">How long it was waited for.</param>
    /// <param name="bytesTransferred">Bytes that had been moved before.</param>
    internal static TransferException RanOut(string name, string what, TimeSpan limit, long bytesTransferred = 0)
    {
        string seconds = limit.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        string text = bytesTransferred.ToString(CultureInfo.InvariantCulture);
        return new(ErrorKind.TimedOut, $"'{name}' has {what} nothing for {seconds} seconds; {text} bytes were done before.")
        {
            BytesTransferred = bytesTransferred,
        };
    }
}
