using System.Text.Json;
using MemTools.Kernel;

namespace MemTools.Transfer.Jobs;

/// <summary>What the lines of a job's log say.</summary>
internal static class JobLogLines
{
    internal static void Start(this JobLog log, SyncEnds ends, FolderSyncOptions options) => log.Write("start", json =>
    {
        Path(json, "source", ends.SourcePath);
        Path(json, "destination", ends.DestinationPath);
        json.WriteString("skipWhen", options.SkipWhen.ToString());
        json.WriteBoolean("delete", options.Delete);
        json.WriteBoolean("resume", options.Tree.File.Resume);
        json.WriteString("preserve", options.Tree.File.Preserve.ToString());
    });

    internal static void Item(this JobLog log, FileTransferResult result) => log.Write("item", json =>
    {
        json.WriteString("status", result.Status);
        json.WriteString("type", result.ItemType);
        Path(json, "source", result.Source, result.SourceBytes);
        Path(json, "destination", result.Destination, result.DestinationBytes);
        json.WriteNumber("length", result.Length);
        json.WriteNumber("bytesTransferred", result.BytesTransferred);
        if (result.BytesResumed > 0)
            json.WriteNumber("bytesResumed", result.BytesResumed);
        json.WriteString("method", result.Method);
        json.WriteNumber("seconds", result.Elapsed.TotalSeconds);
        if (result.Hash is { } hash)
            json.WriteString("sha256", hash);
        Texts(json, "warnings", result.Warnings);
    });

    internal static void Failed(this JobLog log, JobFailure failure) => log.Write("item", json =>
    {
        json.WriteString("status", "Failed");
        Path(json, "source", failure.Path, failure.PathBytes);
        json.WriteString("errorId", failure.ErrorId);
        json.WriteString("errorName", failure.ErrorName);
        json.WriteString("message", failure.Message);
    });

    internal static void Retry(this JobLog log, NativePath source, Exception error, int number) => log.Write("retry", json =>
    {
        Path(json, "source", source);
        json.WriteNumber("number", number);
        json.WriteString("message", error.Message);
    });

    internal static void End(this JobLog log, FileTransferJobResult result, bool stopped) => log.Write("end", json =>
    {
        json.WriteString("status", stopped ? "Stopped" : result.Status);
        json.WriteNumber("files", result.Files);
        json.WriteNumber("directories", result.Directories);
        json.WriteNumber("bytes", result.Bytes);
        json.WriteNumber("bytesTransferred", result.BytesTransferred);
        json.WriteNumber("bytesResumed", result.BytesResumed);
        json.WriteNumber("skipped", result.Skipped);
        json.WriteNumber("refreshed", result.Refreshed);
        json.WriteNumber("failed", result.Failed);
        json.WriteNumber("removed", result.Removed);
        json.WriteNumber("retries", result.Retries);
        json.WriteNumber("seconds", result.Elapsed.TotalSeconds);
    });

    /// <summary>The only line of a job that could not begin.</summary>
    internal static void NotBegun(this JobLog log, string source, string destination, string message) => log.Write("end", json =>
    {
        json.WriteString("status", "NotBegun");
        json.WriteString("source", source);
        json.WriteString("destination", destination);
        json.WriteString("message", message);
    });

    private static void Path(Utf8JsonWriter json, string property, NativePath path) =>
        Path(json, property, path.ToString(), path.BytesBeyondText);

    /// <summary>
    /// A path. Where it is not UTF-8 the property shows the other bytes as <c>\xff</c>, which could be a name too, and a
    /// second one, <c>…Bytes</c>, has all of it in Base64.
    /// </summary>
    private static void Path(Utf8JsonWriter json, string property, string text, byte[]? bytes)
    {
        json.WriteString(property, text);
        if (bytes is not null)
            json.WriteBase64String(property + "Bytes", bytes);
    }

    private static void Texts(Utf8JsonWriter json, string property, ResultList<string> texts)
    {
        if (texts.Count == 0)
            return;
        json.WriteStartArray(property);
        for (int i = 0; i < texts.Count; i++)
            json.WriteStringValue(texts[i]);
        json.WriteEndArray();
    }
}
