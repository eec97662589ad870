using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using MemTools.Native;

namespace MemTools.Kernel;

/// <summary>The features that a network interface has, by the names that ethtool(8) shows (<c>tx-scatter-gather</c>).</summary>
internal sealed class InterfaceFeatures
{
    private const string Folder = "/sys/class/net";

    /// <summary>The interface over which a host talks to itself, whatever address of its own it uses.</summary>
    internal const string Loopback = "lo";

    private readonly Dictionary<string, InterfaceFeature> _features;

    private InterfaceFeatures(Dictionary<string, InterfaceFeature> features) => _features = features;

    /// <summary>The interfaces of this network namespace.</summary>
    internal static string[] Names() =>
        Directory.Exists(Folder)
            ? [.. Directory.EnumerateFileSystemEntries(Folder).Select(path => Path.GetFileName(path)!)
                .Where(name => Directory.Exists(Path.Combine(Folder, name))).Order(StringComparer.Ordinal)]
            : [];

    /// <summary>A feature, or null where this kernel knows none of that name.</summary>
    internal InterfaceFeature? Find(string name) => _features.TryGetValue(name, out InterfaceFeature found) ? found : null;

    /// <summary>Asks the driver. A negative errno where it does not answer: ENODEV for a name that no interface has.</summary>
    internal static long TryRead(string name, out InterfaceFeatures? features)
    {
        features = null;
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        if (bytes.Length is 0 or >= EthernetCalls.NameSize)
            return -(long)Errno.ENODEV;
        // Any socket will do: the question is the interface's, not the protocol's.
        using Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        using Descriptor descriptor = new(socket.Handle, owns: false);
        long count = CountStrings(descriptor, bytes);
        if (count < 0)
            return count;
        string[] names = new string[count];
        long result = ReadNames(descriptor, bytes, names);
        if (result >= 0)
            result = ReadFeatures(descriptor, bytes, names, out features);
        return result;
    }

    private static unsafe long CountStrings(Descriptor socket, byte[] name)
    {
        byte* question = stackalloc byte[sizeof(StringSetInfo) + sizeof(uint)];
        StringSetInfo* info = (StringSetInfo*)question;
        *info = new() { Command = EthernetCalls.GetStringSetInfo, Sets = 1UL << (int)EthernetCalls.FeatureSet };
        long result = Ask(socket, name, question);
        return result < 0 ? result : *(uint*)(info + 1);
    }

    private static unsafe long ReadNames(Descriptor socket, byte[] name, string[] names)
    {
        byte[] question = new byte[sizeof(StringSetHeader) + (names.Length * EthernetCalls.StringSize)];
        fixed (byte* start = question)
        {
            *(StringSetHeader*)start = new()
            {
                Command = EthernetCalls.GetStrings, StringSet = EthernetCalls.FeatureSet, Count = (uint)names.Length,
            };
            long result = Ask(socket, name, start);
            for (int i = 0; i < names.Length && result >= 0; i++)
            {
                ReadOnlySpan<byte> text =
                    question.AsSpan(sizeof(StringSetHeader) + (i * EthernetCalls.StringSize), EthernetCalls.StringSize);
                names[i] = Encoding.ASCII.GetString(text.TrimEnd((byte)0));
            }

            return result;
        }
    }

    private static unsafe long ReadFeatures(Descriptor socket, byte[] name, string[] names, out InterfaceFeatures? features)
    {
        int blocks = (names.Length + 31) / 32;
        byte[] question = new byte[sizeof(FeatureHeader) + (blocks * sizeof(FeatureBlock))];
        features = null;
        fixed (byte* start = question)
        {
            *(FeatureHeader*)start = new() { Command = EthernetCalls.GetFeatures, BlockCount = (uint)blocks };
            long result = Ask(socket, name, start);
            if (result < 0)
                return result;
        }

        ReadOnlySpan<FeatureBlock> answer = MemoryMarshal.Cast<byte, FeatureBlock>(question.AsSpan(sizeof(FeatureHeader)));
        Dictionary<string, InterfaceFeature> found = new(StringComparer.Ordinal);
        for (int i = 0; i < names.Length; i++)
        {
            FeatureBlock block = answer[i / 32];
            uint bit = 1u << (i % 32);
            if (names[i].Length > 0)
                found[names[i]] = new((block.Active & bit) != 0, (block.Available & bit) != 0 && (block.NeverChanged & bit) == 0);
        }

        features = new(found);
        return 0;
    }

    private static unsafe long Ask(Descriptor socket, byte[] name, byte* question)
    {
        InterfaceRequest request = new() { Data = (nint)question };
        name.CopyTo(new Span<byte>(request.Name, EthernetCalls.NameSize));
        long returned;
        do returned = EthernetCalls.Ask(socket, EthernetCalls.EthernetTool, &request);
        while (KernelResult.Interrupted(returned));
        return KernelResult.Of(returned);
    }
}

/// <summary>One feature of an interface.</summary>
/// <param name="Active">Whether it is on.</param>
/// <param name="CanBeChanged">Whether the driver lets root switch it.</param>
internal readonly record struct InterfaceFeature(bool Active, bool CanBeChanged);
