using System.Text.Json;
using MemTools.Kernel;

namespace MemTools.Transfer.Jobs;

/// <summary>What the lines of a job's log say.</summary>
internal static class JobLogLines
{
    internal static void Start(this JobLog log, SyncEnds ends, FolderSyncOptions options) => log.Write("start", json =>
    {
        JobLog.WritePath(json, "source", ends.SourcePath.Bytes);
        JobLog.WritePath(json, "destination", ends.DestinationPath.Bytes);
        json.WriteString("skipWhen", options.SkipWhen.ToString());
        json.WriteBoolean("delete", options.Delete);
        json.WriteBoolean("resume", options.Tree.File.Resume);
        json.WriteString("preserve", options.Tree.File.Preserve.ToString());
    });

    internal static void Item(this JobLog log, FileTransferResult result) => log.Write("item", json =>
    {
        json.WriteString("status", result.Status);
        json.WriteString("type", result.ItemType);
        json.WriteString("source", result.Source);
        json.WriteString("destination", result.Destination);
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
        json.WriteString("source", failure.Path);
        json.WriteString("errorId", failure.ErrorId);
        json.WriteString("errorName", failure.ErrorName);
        json.WriteString("message", failure.Message);
    });

    internal static void Retry(this JobLog log, NativePath source, Exception error, int number) => log.Write("retry", json =>
    {
        JobLog.WritePath(json, "source", source.Bytes);
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
