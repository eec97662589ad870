using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Probing;

/// <summary>What a network interface lets sendfile(2) leave to the device: the driver is asked.</summary>
internal static class InterfaceProbe
{
    internal const string ScatterGather = "tx-scatter-gather";

    private static readonly (string Feature, string[] Names, string Lack)[] Questions =
    [
        ("ScatterGather", [ScatterGather], "sendfile copies each page once more, since the device takes only one piece of memory a packet"),
        ("ChecksumOffload", ["tx-checksum-ip-generic", "tx-checksum-ipv4", "tx-checksum-ipv6"],
            "the processor reads every byte for the checksum, and the kernel then uses no scatter-gather either"),
        ("TcpSegmentation", ["tx-tcp-segmentation", "tx-tcp6-segmentation"], "the kernel cuts the stream into packets itself"),
    ];

    internal static IEnumerable<(string Feature, FeatureAnswer Answer)> Run(InterfaceFeatures features) =>
        Questions.Select(question => (question.Feature, Answer(features, question.Names, question.Lack)));

    private static FeatureAnswer Answer(InterfaceFeatures features, string[] names, string lack)
    {
        string[] on = [.. names.Where(name => features.Find(name) is { Active: true })];
        if (on.Length > 0)
            return FeatureAnswer.Yes(string.Join(", ", on));
        string? changeable = names.FirstOrDefault(name => features.Find(name) is { CanBeChanged: true });
        if (changeable is not null)
            return FeatureAnswer.No(Errno.None, $"{changeable} is switched off (ethtool -K turns it on): {lack}.");
        return names.Any(name => features.Find(name) is not null)
            ? FeatureAnswer.No(Errno.None, $"The driver has no {names[0]}: {lack}.")
            : FeatureAnswer.Unknown(Errno.None, $"This kernel knows no feature called {names[0]}.");
    }
}
