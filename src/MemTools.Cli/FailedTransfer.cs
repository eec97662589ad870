using MemTools.Transfer;

namespace MemTools.Cli;

/// <summary>The JSON line of a file that was not copied.</summary>
internal sealed class FailedTransfer
{
    public required string Source { get; init; }

    public required string Destination { get; init; }

    public string Status { get; } = "Failed";

    public required string ErrorId { get; init; }

    public required string ErrorName { get; init; }

    public required string Message { get; init; }

    public required long BytesTransferred { get; init; }

    public required long BytesMissing { get; init; }

    internal static FailedTransfer From(string source, string destination, TransferException error) => new()
    {
        Source = source,
        Destination = destination,
        ErrorId = error.Kind.ToString(),
        ErrorName = error.ErrorName,
        Message = CommandLineTerms.Of(error.Message),
        BytesTransferred = error.BytesTransferred,
        BytesMissing = error.BytesMissing,
    };
}
