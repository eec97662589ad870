using System.Text.Json;

namespace MemTools.Tests.Support;

/// <summary>What memtools copy --json says of one file.</summary>
internal sealed class ProcessReport
{
    private readonly JsonElement _json;

    private ProcessReport(JsonElement json) => _json = json;

    internal string Status => Text(nameof(Status));

    internal string Method => Text(nameof(Method));

    internal string Replacement => Text(nameof(Replacement));

    internal string ErrorId => Text(nameof(ErrorId));

    internal string ErrorName => Text(nameof(ErrorName));

    internal string Message => Text(nameof(Message));

    internal string? Hash => _json.GetProperty(nameof(Hash)).GetString();

    internal long SystemCalls => Number(nameof(SystemCalls));

    /// <summary>Method and errno of each refusal, as <c>Reflink:EXDEV</c>.</summary>
    internal string[] Refused =>
        [.. _json.GetProperty(nameof(Refused)).EnumerateArray().Select(
            refusal => $"{refusal.GetProperty(nameof(Method)).GetString()}:{refusal.GetProperty(nameof(ErrorName)).GetString()}")];

    internal string[] Warnings =>
        [.. _json.GetProperty(nameof(Warnings)).EnumerateArray().Select(warning => warning.GetString()!)];

    internal static ProcessReport[] AllOf(ProcessResult result) =>
        [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => new ProcessReport(JsonDocument.Parse(line).RootElement))];

    internal static ProcessReport Of(ProcessResult result)
    {
        ProcessReport[] all = AllOf(result);
        Assert.True(all.Length == 1, $"expected the report of one file; {result}");
        return all[0];
    }

    internal string Text(string property) => _json.GetProperty(property).GetString()!;

    internal long Number(string property) => _json.GetProperty(property).GetInt64();
}
