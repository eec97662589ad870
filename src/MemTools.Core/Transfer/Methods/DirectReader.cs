using MemTools.Kernel;

namespace MemTools.Transfer.Methods;

/// <summary>
/// Reads a range ahead of its consumer, on a thread of its own, through two buffers. The thread fills a buffer only
/// after the consumer gave it back; the two semaphores order every access to it.
/// </summary>
internal sealed class DirectReader : IDisposable
{
    private const int BufferCount = 2;

    /// <summary>The range has been read, or its end or an error was reported.</summary>
    private const long Nothing = -1;

    private readonly Descriptor _file;
    private readonly int _bufferSize;
    private readonly DirectAlignment _alignment;
    private readonly Mapping[] _buffers;
    private readonly Block[] _blocks = new Block[BufferCount];
    private readonly SemaphoreSlim _free = new(BufferCount);
    private readonly SemaphoreSlim _filled = new(0);
    private readonly Thread _thread;
    private long _offset;
    private long _remaining;
    private int _taken;
    private volatile bool _stopping;
    private ThreadUsage _usage;

    internal DirectReader(Descriptor file, long offset, long length, int bufferSize, DirectAlignment alignment)
    {
        _file = file;
        _offset = offset;
        _remaining = length;
        _bufferSize = bufferSize;
        _alignment = alignment;
        // Mappings start on a page; larger alignments than a page are met by starting later inside the mapping.
        _buffers = [Mapping.Memory(bufferSize + alignment.Memory), Mapping.Memory(bufferSize + alignment.Memory)];
        _thread = new Thread(Run) { IsBackground = true, Name = "MemTools direct reader" };
        _thread.Start();
    }

    /// <summary>A filled buffer: bytes read, zero at the end of the file, or a negative errno.</summary>
    internal readonly record struct Block(nint Address, long Result, int Calls);

    /// <summary>Waits for the next buffer.</summary>
    internal Block Take(CancellationToken stop)
    {
        _filled.Wait(stop);
        return _blocks[_taken % BufferCount];
    }

    /// <summary>Lets the buffer of the last <see cref="Take"/> be filled again.</summary>
    internal void GiveBack()
    {
        _taken++;
        _free.Release();
    }

    /// <summary>Ends the thread after the read it is in, and returns what it used.</summary>
    internal ThreadUsage Stop()
    {
        _stopping = true;
        _free.Release();
        _thread.Join();
        return _usage;
    }

    public void Dispose()
    {
        foreach (Mapping buffer in _buffers)
            buffer.Dispose();
        _free.Dispose();
        _filled.Dispose();
    }

    private void Run()
    {
        ThreadUsage before = ThreadUsage.Now();
        for (int i = 0; ReadNext(i % BufferCount); i++)
            _filled.Release();
        _usage = ThreadUsage.Now() - before;
    }

    /// <summary>Fills one buffer; false when there is nothing more to say.</summary>
    private bool ReadNext(int index)
    {
        _free.Wait();
        if (_stopping || _remaining == Nothing)
            return false;
        nint start = _buffers[index].Address;
        nint address = (start + _alignment.Memory - 1) / _alignment.Memory * _alignment.Memory;
        long wanted = Math.Min(_bufferSize, (_remaining + _alignment.Offset - 1) / _alignment.Offset * _alignment.Offset);
        long filled = 0;
        int calls = 0;
        // A short read in the middle of a file is gone on from while that is aligned; at the end it is the end.
        while (filled < wanted && filled % _alignment.Offset == 0)
        {
            long read = FileIO.ReadAt(_file, address + (nint)filled, wanted - filled, _offset + filled);
            calls++;
            if (read < 0)
                filled = filled > 0 ? filled : read;
            if (read <= 0)
                break;
            filled += read;
        }

        _blocks[index] = new(address, filled, calls);
        _offset += Math.Max(filled, 0);
        _remaining = RemainingAfter(filled);
        return true;
    }

    private long RemainingAfter(long filled)
    {
        if (filled <= 0 || filled >= _remaining)
            return Nothing;
        // An odd count is the end of a file that became shorter; a read after it would be unaligned, hence EINVAL.
        return filled % _alignment.Offset == 0 ? _remaining - filled : 0;
    }
}
