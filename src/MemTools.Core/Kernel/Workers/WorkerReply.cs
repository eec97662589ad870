using System.Text.Json.Serialization;

namespace MemTools.Kernel;

/// <summary>What a worker says last: its answer, or how it failed.</summary>
internal sealed record WorkerReply(string? Answer, ErrorKind Kind, string? Message);

/// <summary>How replies are written.</summary>
[JsonSerializable(typeof(WorkerReply))]
internal sealed partial class WorkerReplyJson : JsonSerializerContext;
