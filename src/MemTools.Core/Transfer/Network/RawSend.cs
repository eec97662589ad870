using MemTools.Kernel;
using MemTools.Transfer.Network.Moving;

namespace MemTools.Transfer.Network;

/// <summary>
/// Sends files into a stream that somebody else opened, one after another and without a protocol: <c>-Socket</c>, and
/// <c>memtools send</c> with standard output. Not for several threads.
/// </summary>
public sealed class RawSend : IDisposable
{
    private readonly RawOptions _options;
    private readonly CopyContext _fromFiles;
    private CopyContext? _fromStreams;

    /// <param name="options">How to send.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is less than 1.</exception>
    public RawSend(RawOptions options)
    {
        _options = options;
        _fromFiles = options.MakeContext(StreamMethods.Sending, Status);
    }

    /// <summary>Told at most ten times a second how far the current file is, on the thread that sends.</summary>
    public Action<TransferProgress>? Progress { get; init; }

    /// <summary>Told in a sentence of every method that was passed over.</summary>
    public Action<string>? Verbose { get; init; }

    private const string Status = "Sent";

    /// <summary>Sends a file. The stream stays open for more: <see cref="StreamEnd.EndWriting"/> ends it.</summary>
    /// <param name="path">Of the file; a FIFO or device is read to its end.</param>
    /// <param name="to">Where to send it.</param>
    /// <param name="stop">Stops it between two calls.</param>
    /// <exception cref="TransferException">It was not sent, or not all of it.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; the peer may have got the beginning.</exception>
    public FileTransferResult Send(string path, StreamEnd to, CancellationToken stop)
    {
        NativePath source = RawPaths.From(path);
        return RawPaths.Guarded(path, () =>
        {
            using SourceFile file = SourceFile.Open(source, stop);
            return Send(_fromFiles, file, to, stop);
        });
    }

    /// <summary>Sends what comes out of another stream, such as standard input, to its end.</summary>
    /// <param name="from">What to send; a file is read from where it stands.</param>
    /// <param name="to">Where to send it.</param>
    /// <param name="stop">Stops it between two calls.</param>
    /// <exception cref="TransferException">It was not sent, or not all of it.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; the peer may have got the beginning.</exception>
    public FileTransferResult Send(StreamEnd from, StreamEnd to, CancellationToken stop)
    {
        using SourceFile source = SourceFile.OfStream(from.End, from.Status);
        if (!from.IsSocket && !from.IsPipe)
            return Send(_fromFiles, source, to, stop);
        _fromStreams ??= _options.MakeContext(StreamMethods.Receiving, Status);
        return Send(_fromStreams, source, to, stop);
    }

    /// <summary>Releases buffers and pipes.</summary>
    public void Dispose()
    {
        _fromFiles.Dispose();
        _fromStreams?.Dispose();
    }

    private FileTransferResult Send(CopyContext context, SourceFile source, StreamEnd to, CancellationToken stop)
    {
        context.Progress = Progress;
        context.Verbose = Verbose;
        // What the caller did since the last file is no part of this one.
        context.Mark = null;
        FileCopyTask task = new(context, source.Path, stop);
        using StreamDestination destination = new(to);
        return task.CopyToStream(source, destination);
    }
}
