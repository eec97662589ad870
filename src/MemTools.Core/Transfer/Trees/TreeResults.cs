using System.Diagnostics;
using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Trees;

/// <summary>Results of items for which no bytes were moved.</summary>
internal static class TreeResults
{
    internal static FileTransferResult Skipped(NativePath source, DestinationEntry entry, uint type, in Statx status, string? reason) =>
        Of(source, entry.Path, "Skipped", type, type == Statx.TypeRegular ? status.Length : 0, "None", reason: reason);

    internal static FileTransferResult Planned(NativePath source, DestinationEntry entry, uint type, in Statx status) =>
        Of(source, entry.Path, "WouldCopy", type, type == Statx.TypeRegular ? status.Length : 0, entry.Exists ? "Renamed" : "New");

    [MethodImpl(Compilation.AtOnce)]
    internal static FileTransferResult Of(
        NativePath source, NativePath destination, string status, uint type, long length, string replacement, long started = 0,
        string? reason = null, ResultList<string>? warnings = null, string? peer = null) => new()
        {
            Source = source.ToString(),
            Destination = destination.ToString(),
            SourceBytes = source.BytesBeyondText,
            DestinationBytes = destination.BytesBeyondText,
            Peer = peer,
            ItemType = ItemTypes.NameOf(type),
            Status = status,
            Reason = reason,
            Length = length,
            BytesTransferred = 0,
            Method = "None",
            Refused = ResultList<Refusal>.None,
            Replacement = replacement,
            Elapsed = started == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(started),
            UserTime = TimeSpan.Zero,
            KernelTime = TimeSpan.Zero,
            SystemCalls = 0,
            VoluntarySwitches = 0,
            InvoluntarySwitches = 0,
            MinorFaults = 0,
            MajorFaults = 0,
            Hash = null,
            SourceChanged = false,
            Warnings = warnings ?? ResultList<string>.None,
        };
}
