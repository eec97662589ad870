using System.Diagnostics;
using MemTools.Kernel;

namespace MemTools.Memory;

/// <summary>
/// A part of a file in memory. Offsets count from its own first byte. The process never touches its pages itself, and
/// hands out no pointer or span over them: where the file is cut meanwhile, that would end the process by SIGBUS, and
/// here it is a <see cref="MemToolsException"/> of kind <see cref="ErrorKind.FileTruncated"/>.
/// </summary>
/// <remarks>Safe from several threads. After <see cref="Dispose"/> every method throws ObjectDisposedException.</remarks>
public sealed partial class MappedFile : ILiveObject, IByteAccess
{
    private static readonly LiveObjects<MappedFile> Live = new("mapped file");

    private readonly MappedRegion _region;
    private volatile bool _closed;

    private MappedFile(string name, MappedRegion region, MappedFileOptions options)
    {
        Name = name;
        _region = region;
        Advice = options.Advice.ToString();
        HugePage = options.HugePage || region.Target.IsHuge;
        Address = (ulong)region.Address;
    }

    /// <summary>What commands know it by: the file's name, with a number where another mapping has that name.</summary>
    public string Name { get; }

    /// <summary>The file.</summary>
    public string Path => _region.Target.Path.ToString();

    /// <summary>ReadOnly, ReadWrite or Private (<see cref="MappedFileMode"/>).</summary>
    public string Mode => _region.Mode.ToString();

    /// <summary>In the file, of the mapping's first byte.</summary>
    public long Offset => _region.Offset;

    /// <summary>In bytes.</summary>
    public long Length => _region.Length;

    /// <summary>Where its first byte lies in this process's memory.</summary>
    public ulong Address { get; }

    /// <summary>In bytes; more than the system's on hugetlbfs.</summary>
    public long PageSize => _region.Target.PageSize;

    /// <summary>What was said of its use (<see cref="MappedFileAdvice"/>).</summary>
    public string Advice { get; }

    /// <summary>Whether huge pages were asked for, or are the only ones there.</summary>
    public bool HugePage { get; }

    /// <summary>Whether it has been closed.</summary>
    public bool IsClosed => _closed;

    /// <summary>
    /// How many of its pages (of the system's page size) are in memory now, whoever brought them there; null when it is
    /// closed, and for a file that this user neither owns nor may write, of which the kernel does not tell.
    /// </summary>
    public long? ResidentPages => _closed ? null : _region.ResidentPages();

    /// <summary>The same in bytes.</summary>
    public long? ResidentBytes => ResidentPages * Environment.SystemPageSize;

    bool IByteAccess.IsWritable => _region.Mode != MappedFileMode.ReadOnly;

    string IByteAccess.LengthIsFixed => "A mapping keeps its length. Open-MappedFile -Create -Length maps a longer one.";

    void IByteAccess.Read(long offset, Span<byte> buffer) => Read(offset, buffer);

    void IByteAccess.Write(long offset, ReadOnlySpan<byte> bytes) => Write(offset, bytes);

    void IByteAccess.ThrowIfClosed() => ThrowIfClosed();

    /// <summary>Maps a part of a file.</summary>
    /// <param name="path">The file or device.</param>
    /// <param name="options">Which part, and how.</param>
    /// <param name="stop">Ends the loading of <see cref="MappedFileOptions.Populate"/>.</param>
    /// <exception cref="MemToolsException">The part does not lie in the file, or cannot be mapped.</exception>
    /// <exception cref="SystemCallException">The file could not be opened, made longer or mapped.</exception>
    public static MappedFile Open(string path, MappedFileOptions? options = null, CancellationToken stop = default)
    {
        MappedFileOptions chosen = options ?? new();
        MappedRegion region = MappedFileOpener.Open(path, chosen, stop);
        return Live.Add(region.Target.Path.Name.ToString(), name => new(name, region, chosen));
    }

    /// <summary>Those that are open now, also those that nobody refers to any more.</summary>
    public static IReadOnlyList<MappedFile> GetAll() => Live.All();

    /// <summary>Reads all of it into memory, and waits for that. Writes nothing, also where it is Private.</summary>
    /// <param name="stop">Ends it after at most 4 MiB more.</param>
    /// <exception cref="SystemCallException">The disk failed (pread, EIO).</exception>
    /// <exception cref="MemToolsException">The file has been cut.</exception>
    public void Load(CancellationToken stop = default) => Open(region => region.Load(stop));

    /// <summary>Puts what was written on the disk (msync(2)).</summary>
    /// <param name="wait">True to wait for that; false to begin with it.</param>
    /// <exception cref="MemToolsException">It is Private, and nothing of it ever gets to the disk.</exception>
    /// <exception cref="SystemCallException">The disk failed.</exception>
    public MappedFileSyncResult Sync(bool wait = true) => Sync(0, Length, wait);

    /// <summary>Puts what was written into a part on the disk: all pages that hold some of it.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">How many bytes.</param>
    /// <param name="wait">True to wait for that; false to begin with it.</param>
    /// <param name="stop">Ends it after at most 64 MiB more.</param>
    public MappedFileSyncResult Sync(long offset, long length, bool wait, CancellationToken stop = default)
    {
        CheckRange(offset, length);
        if (_region.Mode == MappedFileMode.Private)
            throw new MemToolsException(ErrorKind.Misuse, $"'{Name}' is Private: what is written into it never reaches the file. Open it with -Mode ReadWrite.");
        Stopwatch watch = Stopwatch.StartNew();
        return Open(region =>
        {
            long? before = region.DirtyBytes(offset, length);
            bool waited = MappedSync.Run(region, offset, length, wait, stop);
            return new MappedFileSyncResult
            {
                Name = Name,
                Path = Path,
                Offset = offset,
                Length = length,
                Waited = waited,
                DirtyBytesBefore = before,
                DirtyBytesAfter = region.DirtyBytes(offset, length),
                Elapsed = watch.Elapsed,
            };
        });
    }

    /// <summary>
    /// A stream over the whole, which fails where the file has been cut as all else here does. It cannot grow. Closing
    /// it leaves the mapping open.
    /// </summary>
    public Stream OpenStream() => new ByteAccessStream(this);

    /// <summary>The offset of the first place that holds a pattern, or -1.</summary>
    /// <param name="pattern">The bytes to find, one or more.</param>
    /// <param name="start">Where to begin.</param>
    public long Find(byte[] pattern, long start = 0)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        CheckRange(start, 0);
        return PatternSearch.First(this, pattern, start);
    }

    /// <summary>The same for text in UTF-8.</summary>
    /// <param name="text">The text to find, one character or more.</param>
    /// <param name="start">Where to begin.</param>
    public long Find(string text, long start = 0)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Find(System.Text.Encoding.UTF8.GetBytes(text), start);
    }

    /// <summary>
    /// Unmaps it and closes the file, at once, or when the calls end that other threads have under way. Nothing is lost
    /// of what was written into a ReadWrite mapping: it is the file's already, and gets to the disk in time.
    /// </summary>
    public void Dispose()
    {
        _closed = true;
        Live.Remove(this);
        _region.Dispose();
    }

    /// <summary>For people.</summary>
    public override string ToString() => Name;

    internal void ThrowIfClosed()
    {
        if (_closed)
            throw new ObjectDisposedException(Name, $"The mapped file '{Name}' is closed. Open-MappedFile maps '{Path}' again.");
    }

    internal void CheckRange(long offset, long count)
    {
        ThrowIfClosed();
        if (offset < 0 || count < 0 || offset > Length || count > Length - offset)
            throw new MemToolsException(ErrorKind.Misuse, $"Bytes {offset} to {offset + (Int128)count} do not lie within '{Name}', which has {Length}.");
    }

    private void Open(Action<MappedRegion> work) => Open<object?>(region =>
    {
        work(region);
        return null;
    });

    /// <summary>A thread that closes it meanwhile is no reason for another message than usual.</summary>
    private T Open<T>(Func<MappedRegion, T> work)
    {
        ThrowIfClosed();
        try
        {
            return work(_region);
        }
        catch (ObjectDisposedException)
        {
            ThrowIfClosed();
            throw;
        }
    }
}
