using MemTools.Kernel;
using MemTools.Transfer.Network.Moving;

namespace MemTools.Transfer.Network;

/// <summary>
/// Receives what comes out of a stream that somebody else opened, without a protocol, to its end: <c>-Socket</c>, and
/// <c>memtools receive</c> with standard input. A file is made as every copy makes one: it has its name when all is there.
/// </summary>
public sealed class RawReceive
{
    private const string Status = "Received";

    private readonly RawOptions _options;

    /// <param name="options">How to receive.</param>
    /// <exception cref="ArgumentException">It names a first byte: a stream has none but the next.</exception>
    public RawReceive(RawOptions options)
    {
        if (options.Offset != 0)
            throw new ArgumentException("-Offset cannot be used with a stream: it is read from where it is.", nameof(options));
        _options = options;
    }

    /// <summary>Told at most ten times a second how far it is, on the thread that receives.</summary>
    public Action<TransferProgress>? Progress { get; init; }

    /// <summary>Told in a sentence of every method that was passed over.</summary>
    public Action<string>? Verbose { get; init; }

    /// <summary>Receives into a file.</summary>
    /// <param name="from">Where the bytes come from.</param>
    /// <param name="destination">Path of the file, which has its name when all is there.</param>
    /// <param name="stop">Stops it between two calls.</param>
    /// <exception cref="TransferException">It was not received to the end; the destination is as it was.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; likewise.</exception>
    public FileTransferResult Receive(StreamEnd from, string destination, CancellationToken stop)
    {
        _ = RawPaths.From(destination);
        return RawPaths.Guarded(destination, () =>
        {
            using CopyContext context = Context();
            using SourceFile source = SourceFile.OfStream(from.End, from.Status);
            using DestinationFolder folder = DestinationFolder.Open(destination, _options.Force);
            if (folder.FileName is not { } name)
                throw new TransferException(ErrorKind.IsDirectory, $"'{destination}' is a directory, and bytes without a protocol bring no name: name a file in it.");
            FileCopyTask task = new(context, source.Path, stop);
            DestinationEntry entry = folder.Entry(name);
            DestinationRules.Check(source, entry, context);
            return task.Copy(source, entry);
        });
    }

    /// <summary>Passes on to another stream, such as standard output.</summary>
    /// <param name="from">Where the bytes come from.</param>
    /// <param name="to">Where they go.</param>
    /// <param name="stop">Stops it between two calls.</param>
    /// <exception cref="TransferException">It was not received, or not all of it.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; the other stream may have got the beginning.</exception>
    public FileTransferResult Receive(StreamEnd from, StreamEnd to, CancellationToken stop)
    {
        using CopyContext context = Context();
        using SourceFile source = SourceFile.OfStream(from.End, from.Status);
        using StreamDestination destination = new(to);
        return new FileCopyTask(context, source.Path, stop).CopyToStream(source, destination);
    }

    private CopyContext Context()
    {
        CopyContext context = _options.MakeContext(StreamMethods.Receiving, Status);
        context.Progress = Progress;
        context.Verbose = Verbose;
        return context;
    }
}
