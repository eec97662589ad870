using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Jobs;

/// <summary>
/// The log of jobs: one JSON object a line, appended by one write(2) each (O_APPEND), so that the lines of several
/// jobs in one file never mix. A log that stops taking lines does not stop the job. For any number of threads.
/// </summary>
internal sealed class JobLog : IDisposable
{
    private const uint CreationMode = 0x1B6;

    private static readonly JsonWriterOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Descriptor _file;
    private readonly NativePath _path;
    private readonly string _job = Guid.NewGuid().ToString("N")[..12];
    private readonly object _gate = new();
    private readonly ArrayBufferWriter<byte> _line = new(1024);
    private readonly Utf8JsonWriter _json;
    private bool _torn;

    private JobLog(Descriptor file, NativePath path)
    {
        _file = file;
        _path = path;
        _json = new(_line, Format);
    }

    /// <summary>What first went wrong with the log, or null.</summary>
    internal SystemCallException? Failure { get; private set; }

    /// <summary>Lines that the log did not take.</summary>
    internal long LinesLost { get; private set; }

    /// <summary>Opens a log for appending, and makes it where there is none.</summary>
    /// <exception cref="SystemCallException">It cannot be opened: nothing has been copied yet.</exception>
    internal static JobLog Open(NativePath path)
    {
        // O_NONBLOCK: a FIFO without a reader is an error at once (ENXIO) and not a job that waits for ever.
        const int flags = OpenFlags.WriteOnly | OpenFlags.Append | OpenFlags.Create | OpenFlags.NonBlocking | OpenFlags.NoTerminal;
        long result = FileIO.TryOpen(Descriptor.WorkingDirectory, path, flags, CreationMode, out Descriptor? file);
        SystemCallException.Check(result, "openat", path);
        return new(file!, path);
    }

    /// <summary>Appends one line.</summary>
    /// <param name="occasion">The value of <c>event</c>: start, item, retry, end.</param>
    /// <param name="fields">Writes what the line says besides time, job and event.</param>
    internal void Write(string occasion, Action<Utf8JsonWriter> fields)
    {
        lock (_gate)
        {
            _line.ResetWrittenCount();
            if (_torn)
                _line.Write("\n"u8);
            _json.Reset();
            _json.WriteStartObject();
            _json.WriteString("time", DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
            _json.WriteString("job", _job);
            _json.WriteString("event", occasion);
            fields(_json);
            _json.WriteEndObject();
            _json.Flush();
            _line.Write("\n"u8);
            Append(_line.WrittenSpan);
        }
    }

    /// <summary>Whether a file is the log itself.</summary>
    internal bool IsSameFile(in Statx file) => FileMetadata.Status(_file, out Statx own) == 0 && own.IsSameFile(file);

    /// <summary>Puts the log on the disk.</summary>
    internal void Flush()
    {
        long result = FileIO.Sync(_file);
        // EINVAL, EROFS: a pipe or a terminal keeps nothing (fsync(2)).
        if (KernelResult.ErrnoOf(result) is not (Errno.None or Errno.EINVAL or Errno.EROFS))
            Failure ??= new("fsync", KernelResult.ErrnoOf(result), _path.ToString());
    }

    public void Dispose()
    {
        _json.Dispose();
        _file.Dispose();
    }

    private unsafe void Append(ReadOnlySpan<byte> line)
    {
        int done = 0;
        fixed (byte* bytes = line)
        {
            while (done < line.Length)
            {
                long written = FileIO.Write(_file, (nint)bytes + done, line.Length - done);
                if (written < 0)
                {
                    Fail(KernelResult.ErrnoOf(written));
                    break;
                }

                done += (int)written;
            }
        }

        // A full disk takes the beginning of a line: the next line that goes through begins on one of its own.
        _torn = done == line.Length ? false : _torn || done > 0;
    }

    private void Fail(Errno errno)
    {
        LinesLost++;
        Failure ??= new("write", errno, _path.ToString());
    }
}
