using System.Text.Json.Serialization;
using MemTools.Experiments.CopyMethods;
using MemTools.Transfer;
using MemTools.Transfer.Jobs;

namespace MemTools.Cli;

/// <summary>JSON without reflection, for trimming and native AOT.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(FileTransferResult))]
[JsonSerializable(typeof(FailedTransfer))]
[JsonSerializable(typeof(FileTransferJobResult))]
[JsonSerializable(typeof(CopyMethodResult))]
internal sealed partial class ResultJson : JsonSerializerContext;
