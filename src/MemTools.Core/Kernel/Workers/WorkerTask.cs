using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MemTools.Kernel;

/// <summary>A task with the types of its request and answer, which travel as JSON.</summary>
internal sealed class WorkerTask<TRequest, TAnswer>(
    string name, Func<TRequest, TAnswer> work, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TAnswer> answerType)
    : IWorkerTask
{
    public string Name => name;

    public string Run(string request) =>
        JsonSerializer.Serialize(work(JsonSerializer.Deserialize(request, requestType)!), answerType);

    internal string Write(TRequest request) => JsonSerializer.Serialize(request, requestType);

    internal TAnswer Read(string answer) => JsonSerializer.Deserialize(answer, answerType)!;
}
