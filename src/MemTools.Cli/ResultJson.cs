using System.Text.Json.Serialization;
using MemTools.Transfer;

namespace MemTools.Cli;

/// <summary>JSON without reflection, for trimming and native AOT.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(FileTransferResult))]
[JsonSerializable(typeof(FailedTransfer))]
internal sealed partial class ResultJson : JsonSerializerContext;
