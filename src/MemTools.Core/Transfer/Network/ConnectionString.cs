using System.Globalization;
using System.Net;
using System.Text;
using MemTools.Kernel;

namespace MemTools.Transfer.Network;

/// <summary>
/// Where a receiver listens: <c>memtools://HOST:PORT/?v=1&amp;key=yes</c>, or <c>memtools+unix:///PATH?v=1&amp;key=no</c>.
/// It says whether a key is wanted, and never the key.
/// </summary>
public sealed record ConnectionString
{
    /// <summary>The protocol version that this build speaks.</summary>
    public const int CurrentVersion = 1;

    private const string NetworkScheme = "memtools://";
    private const string UnixScheme = "memtools+unix://";
    private const int LongestUnixPath = 107;

    private ConnectionString()
    {
    }

    /// <summary>Name or address of the host, an IPv6 address without brackets; empty for a Unix socket.</summary>
    public string HostName { get; private init; } = string.Empty;

    /// <summary>The TCP port, 1 to 65,535; 0 for a Unix socket.</summary>
    public int Port { get; private init; }

    /// <summary>The path of the Unix socket; null for TCP.</summary>
    public string? UnixSocket { get; private init; }

    /// <summary>Whether the receiver wants a key; null where nobody said.</summary>
    public bool? NeedsKey { get; private init; }

    /// <summary>A receiver at a TCP port.</summary>
    /// <param name="hostName">Name or address, IPv6 with or without brackets.</param>
    /// <param name="port">1 to 65,535.</param>
    /// <param name="needsKey">Whether it wants a key; null where that is not known.</param>
    /// <exception cref="ArgumentException">There can be no such host or port.</exception>
    public static ConnectionString ForHost(string hostName, int port, bool? needsKey = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(hostName);
        string host = hostName.StartsWith('[') && hostName.EndsWith(']') ? hostName[1..^1] : hostName;
        if (Uri.CheckHostName(host.Split('%')[0]) == UriHostNameType.Unknown)
            throw new ArgumentException($"'{hostName}' is neither the name of a host nor an address.");
        if (port is < 1 or > IPEndPoint.MaxPort)
            throw new ArgumentException($"A port is a number from 1 to {IPEndPoint.MaxPort}, and {port} is none.");
        return new() { HostName = host, Port = port, NeedsKey = needsKey };
    }

    /// <summary>A receiver at a Unix socket.</summary>
    /// <param name="path">Its path, at most 107 bytes (unix(7)).</param>
    /// <param name="needsKey">Whether it wants a key; null where that is not known.</param>
    /// <exception cref="ArgumentException">There can be no such socket.</exception>
    public static ConnectionString ForUnixSocket(string path, bool? needsKey = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        int length = NativePath.From(path).Bytes.Length;
        if (length > LongestUnixPath)
            throw new ArgumentException($"The path of a Unix socket has at most {LongestUnixPath} bytes (unix(7)), and '{path}' has {length}.");
        return new() { UnixSocket = path, NeedsKey = needsKey };
    }

    /// <summary>Reads a connection string.</summary>
    /// <exception cref="ArgumentException">It is none, or of another version; the message says what is wrong.</exception>
    public static ConnectionString Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string trimmed = text.Trim();
        int query = trimmed.IndexOf('?', StringComparison.Ordinal);
        string place = query < 0 ? trimmed : trimmed[..query];
        bool? needsKey = ReadQuery(query < 0 ? string.Empty : trimmed[(query + 1)..]);
        if (place.StartsWith(UnixScheme, StringComparison.OrdinalIgnoreCase))
        {
            string path = Uri.UnescapeDataString(place[UnixScheme.Length..]);
            return path.StartsWith('/') ? ForUnixSocket(path, needsKey) : throw Bad("the path of a Unix socket is a full path");
        }

        if (!place.StartsWith(NetworkScheme, StringComparison.OrdinalIgnoreCase))
            throw Bad($"it begins with {NetworkScheme} or {UnixScheme}");
        string authority = place[NetworkScheme.Length..].TrimEnd('/');
        int colon = authority.LastIndexOf(':');
        bool isBare = colon < 0 || (authority.StartsWith('[') && !authority[..colon].EndsWith(']'))
            || (!authority.StartsWith('[') && authority.IndexOf(':', StringComparison.Ordinal) != colon);
        if (isBare || !int.TryParse(authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port))
            throw Bad("host and port are written HOST:PORT, an IPv6 address in brackets");
        return ForHost(Uri.UnescapeDataString(authority[..colon]), port, needsKey);
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        if (UnixSocket is not null)
            text.Append(UnixScheme).Append(Uri.EscapeDataString(UnixSocket).Replace("%2F", "/", StringComparison.Ordinal));
        else
            text.Append(NetworkScheme).Append(Endpoint).Append('/');
        text.Append(CultureInfo.InvariantCulture, $"?v={CurrentVersion}");
        if (NeedsKey is { } key)
            text.Append("&key=").Append(key ? "yes" : "no");
        return text.ToString();
    }

    /// <summary>Host and port as people write them, or the path of the socket: for messages and results.</summary>
    internal string Endpoint => UnixSocket
        ?? (HostName.Contains(':', StringComparison.Ordinal)
            ? string.Create(CultureInfo.InvariantCulture, $"[{HostName}]:{Port}")
            : string.Create(CultureInfo.InvariantCulture, $"{HostName}:{Port}"));

    private static bool? ReadQuery(string query)
    {
        bool? needsKey = null;
        foreach (string pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            switch (pair)
            {
                case "key=yes":
                    needsKey = true;
                    break;
                case "key=no":
                    needsKey = false;
                    break;
                case "v=1":
                    break;
                case var other when other.StartsWith("v=", StringComparison.Ordinal):
                    throw Bad($"this build speaks version {CurrentVersion} of the protocol, not {other[2..]}");
                case var other when other.StartsWith("key=", StringComparison.Ordinal):
                    throw Bad("a key is never part of it, key= is yes or no");
                default:
                    // Later versions may say more; what is not known does not matter here.
                    break;
            }
        }

        return needsKey;
    }

    private static ArgumentException Bad(string why) => new($"This is no connection string: {why}. Example: memtools://192.0.2.7:4711/?v=1&key=yes");
}
