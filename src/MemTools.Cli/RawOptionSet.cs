using System.CommandLine;
using MemTools.Transfer;
using MemTools.Transfer.Network;

namespace MemTools.Cli;

/// <summary>The options of <c>memtools send</c> and <c>memtools receive</c> that are for raw bytes alone.</summary>
internal static class RawOptionSet
{
    private static readonly Option<long> Offset = new("--offset") { Description = "With -: the first byte to send.", HelpName = "BYTES" };

    private static readonly Option<long?> Length = new("--length") { Description = "With -: the most bytes to move.", HelpName = "BYTES" };

    private static readonly Option<bool> Force = new("--force", "-f") { Description = "With -: replace a read-only file, create missing directories." };

    private static readonly Option<CopyMethod> Method = NewMethod();

    internal static IEnumerable<Option> ToSend => [Offset, Length];

    internal static IEnumerable<Option> ToReceive => [Method, Length, Force];

    /// <exception cref="ArgumentException">One was given, and the protocol is spoken.</exception>
    internal static void Refuse(ParseResult parsed)
    {
        if (NetworkOptions.FirstGiven(parsed, [Offset, Length, Force, Method]) is { } option)
            throw new ArgumentException($"{option.Name} is for raw bytes: use it with {NetworkOptions.Standard}.");
    }

    internal static RawOptions ForSending(ParseResult parsed)
    {
        if (NetworkOptions.FirstGiven(parsed, SendOptionSet.ForProtocol.Concat(NetworkOptions.ForProtocol)) is { } option)
            throw new ArgumentException($"{option.Name} belongs to the protocol of MemTools, and standard output gets raw bytes without one.");
        return new()
        {
            Method = SendOptionSet.MethodOf(parsed),
            Offset = NotNegative(parsed.GetValue(Offset), Offset),
            Length = parsed.GetValue(Length) is { } length ? NotNegative(length, Length) : null,
            BandwidthLimit = SendOptionSet.BandwidthLimitOf(parsed) is { } rate && rate < 1
                ? throw new ArgumentException("-BandwidthLimit has to be at least 1 byte a second.")
                : SendOptionSet.BandwidthLimitOf(parsed),
        };
    }

    internal static RawOptions ForReceiving(ParseResult parsed) => new()
    {
        Method = parsed.GetValue(Method),
        Length = parsed.GetValue(Length) is { } length ? NotNegative(length, Length) : null,
        Force = parsed.GetValue(Force),
    };

    private static long NotNegative(long value, Option option) =>
        value >= 0 ? value : throw new ArgumentException($"{option.Name} cannot be negative.");

    private static Option<CopyMethod> NewMethod() => SendOptionSet.Choice(
        new Option<CopyMethod>("--method", "-m") { Description = "With -: how the bytes leave standard input." },
        CopyMethod.Auto, CopyMethod.Splice, CopyMethod.ReadWrite);
}
