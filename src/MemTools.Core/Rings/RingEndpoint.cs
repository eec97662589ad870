using System.Globalization;
using System.Runtime.InteropServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Rings;

/// <summary>
/// A descriptor that bytes come from or go to, used without ever waiting inside a call: so that whoever waits can be stopped.
/// It keeps the descriptor open, and leaves its flags alone, which are not this process's alone.
/// </summary>
internal sealed unsafe class RingEndpoint : IDisposable
{
    /// <summary>
    /// A pipe that poll(2) calls ready takes so many bytes without waiting (PIPE_BUF, pipe(7)), so do terminals. For kernels
    /// that cannot be told not to wait.
    /// </summary>
    private const long SafePiece = 4096;

    private readonly SafeHandle _handle;
    private readonly Descriptor _file;
    private readonly Use _use;
    private bool _canRefuseToWait = true;

    private RingEndpoint(SafeHandle handle, Descriptor file, Use use)
    {
        _handle = handle;
        _file = file;
        _use = use;
    }

    /// <summary>How the endpoint wants to be used.</summary>
    private enum Use
    {
        /// <summary>A file or disk: calls take as long as the disk, and end by themselves.</summary>
        File,

        /// <summary>A socket without message boundaries.</summary>
        StreamSocket,

        /// <summary>A socket that keeps messages apart, and has an end.</summary>
        MessageSocket,

        /// <summary>A socket that keeps messages apart, which may be empty, and has no end.</summary>
        DatagramSocket,

        /// <summary>A pipe, terminal or other device.</summary>
        Other,
    }

    /// <summary>Calls made that move bytes, those included that found nothing to move.</summary>
    internal long Calls { get; private set; }

    /// <summary>Whether each read brings one message, and each write sends one.</summary>
    internal bool KeepsMessages => _use is Use.MessageSocket or Use.DatagramSocket;

    private bool IsSocket => KeepsMessages || _use == Use.StreamSocket;

    /// <exception cref="ObjectDisposedException">The handle is closed.</exception>
    /// <exception cref="SystemCallException">It is no open descriptor.</exception>
    internal static RingEndpoint Open(SafeHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        bool counted = false;
        handle.DangerousAddRef(ref counted);
        try
        {
            Descriptor file = new(handle.DangerousGetHandle(), owns: false);
            // A write past RLIMIT_FSIZE shall fail with EFBIG rather than end the process.
            Interruption.SurviveSizeLimit();
            return new(handle, file, UseOf(file));
        }
        catch
        {
            handle.DangerousRelease();
            throw;
        }
    }

    public void Dispose() => _handle.DangerousRelease();

    /// <summary>Reads what there is, at most so much; -EAGAIN where there is nothing yet. As in <see cref="KernelResult"/>.</summary>
    internal long Read(byte* buffer, long count)
    {
        Calls++;
        return _use switch
        {
            Use.File => FileIO.Read(_file, (nint)buffer, count),
            Use.StreamSocket => Receive(buffer, count, SocketCalls.DoNotWait),
            Use.MessageSocket or Use.DatagramSocket => Receive(buffer, count, SocketCalls.DoNotWait | SocketCalls.WholeLength),
            _ => ReadOther(buffer, count),
        };
    }

    /// <summary>
    /// How long the message is that the next read brings; so much as given where the endpoint keeps none, or cannot tell. -1
    /// where there is none yet.
    /// </summary>
    internal long NextMessage(long elsewhere)
    {
        if (!KeepsMessages)
            return elsewhere;
        byte none;
        long length = Receive(&none, 0, SocketCalls.DoNotWait | SocketCalls.WholeLength | SocketCalls.Peek);
        return KernelResult.ErrnoOf(length) == Errno.EAGAIN ? -1 : length < 0 ? elsewhere : length;
    }

    /// <summary>Writes as much as is taken now, at most so much; -EAGAIN where that is nothing.</summary>
    internal long Write(byte* buffer, long count)
    {
        Calls++;
        return _use switch
        {
            Use.File => FileIO.Write(_file, (nint)buffer, count),
            Use.Other => WriteOther(buffer, count),
            _ => Send(buffer, count),
        };
    }

    /// <summary>Waits at most so long until a read or a write would do something, if only fail.</summary>
    internal void Wait(bool toWrite, TimeSpan time)
    {
        PollDescriptor poll = new() { Descriptor = _file.Number, Events = toWrite ? PollDescriptor.Out : PollDescriptor.In };
        // A failure (EINTR, ENOMEM) is for the next call to report.
        _ = FileCalls.Poll(&poll, 1, (int)Math.Ceiling(time.TotalMilliseconds));
    }

    /// <summary>Whether a read would do something now, if only fail.</summary>
    internal bool IsReadable() => IsReady(PollDescriptor.In);

    /// <summary>Whether a read that brought no bytes means that none will come: not where messages may have none.</summary>
    internal bool EndsWithNothing() => _use != Use.DatagramSocket || HasHungUp();

    /// <summary>What the failed call is called, and on what.</summary>
    internal SystemCallException Failure(bool writing, long result)
    {
        string call = (IsSocket, writing) switch
        {
            (true, true) => "send",
            (true, false) => "recv",
            (false, true) => "write",
            (false, false) => "read",
        };
        string number = _file.Number.ToString(CultureInfo.InvariantCulture);
        string what = new FileInfo($"/proc/self/fd/{number}").LinkTarget ?? $"descriptor {number}";
        return new(call, KernelResult.ErrnoOf(result), what);
    }

    private static Use UseOf(Descriptor file)
    {
        Statx status = FileMetadata.StatusOf(file, NativePath.From("the given handle"));
        if (status.Type is Statx.TypeRegular or Statx.TypeBlockDevice or Statx.TypeDirectory)
            return Use.File;
        if (status.Type != Statx.TypeSocket)
            return Use.Other;
        int type = 0;
        uint length = sizeof(int);
        _ = SocketCalls.Option(file, SocketCalls.SocketLevel, SocketCalls.TypeOption, &type, &length);
        return type switch
        {
            SocketCalls.StreamType => Use.StreamSocket,
            SocketCalls.DatagramType => Use.DatagramSocket,
            _ => Use.MessageSocket,
        };
    }

    private long ReadOther(byte* buffer, long count)
    {
        long result = Transfer(SystemCallNumbers.Current.ReadVectors, buffer, count);
        if (!RefusesToTell(result))
            return result;
        // Somebody else who reads the same pipe could take what poll(2) saw, and the call would wait for more.
        return IsReady(PollDescriptor.In) ? FileIO.Read(_file, (nint)buffer, count) : -(long)Errno.EAGAIN;
    }

    private long WriteOther(byte* buffer, long count)
    {
        long result = Transfer(SystemCallNumbers.Current.WriteVectors, buffer, count);
        if (!RefusesToTell(result))
            return result;
        return IsReady(PollDescriptor.Out) ? FileIO.Write(_file, (nint)buffer, Math.Min(count, SafePiece)) : -(long)Errno.EAGAIN;
    }

    /// <summary>Whether the call must be made in another way: this kernel, or device, knows no RWF_NOWAIT.</summary>
    private bool RefusesToTell(long result)
    {
        if (KernelResult.ErrnoOf(result) is not (Errno.EOPNOTSUPP or Errno.ENOSYS))
            return !_canRefuseToWait;
        _canRefuseToWait = false;
        return true;
    }

    private long Transfer(int number, byte* buffer, long count)
    {
        if (!_canRefuseToWait)
            return 0;
        IoVector vector = new() { Address = (nint)buffer, Length = (nuint)count };
        long returned;
        do returned = VectorCalls.Transfer(number, _file, &vector, 1, -1, 0, VectorCalls.DoNotWait);
        while (KernelResult.Interrupted(returned));
        return KernelResult.Of(returned);
    }

    private bool IsReady(short events)
    {
        PollDescriptor poll = new() { Descriptor = _file.Number, Events = events };
        return FileCalls.Poll(&poll, 1, 0) != 0;
    }

    private bool HasHungUp()
    {
        PollDescriptor poll = new() { Descriptor = _file.Number, Events = PollDescriptor.ReadHangUp };
        return FileCalls.Poll(&poll, 1, 0) > 0 && poll.Returned != 0;
    }

    private long Receive(byte* buffer, long count, int flags)
    {
        long returned;
        do returned = SocketCalls.Receive(_file, buffer, (nuint)count, flags);
        while (KernelResult.Interrupted(returned));
        return KernelResult.Of(returned);
    }

    private long Send(byte* buffer, long count)
    {
        long returned;
        do returned = SocketCalls.Send(_file, buffer, (nuint)count, SocketCalls.DoNotWait | SocketCalls.NoSignal);
        while (KernelResult.Interrupted(returned));
        return KernelResult.Of(returned);
    }
}
