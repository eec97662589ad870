using System.Runtime.InteropServices;

namespace MemTools.Kernel;

/// <summary>
/// One command at work, and what can end it early: Ctrl+C through <see cref="Stop()"/>, and the signals SIGTERM and
/// SIGHUP, on which neither PowerShell nor .NET runs any clean-up. While a command is at work these signals stop it
/// first; only when it has put everything in order does the signal take its usual effect. Work that begins after the
/// signal finds its token cancelled, and does nothing.
/// </summary>
public sealed class Interruption : IDisposable
{
    /// <summary>How long a signal waits for a command that is inside a call that the kernel will not interrupt.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private const int FileSizeLimitSignal = 25;

    private static readonly object Gate = new();
    private static readonly List<Interruption> AtWork = [];
    private static PosixSignalRegistration[]? s_registrations;
    private static PosixSignalRegistration? s_interruptRegistration;

    private readonly CancellationTokenSource _stop = new();
    private readonly ManualResetEventSlim _idle = new(initialState: true);

    private Interruption(bool keepProcess) => KeepsProcess = keepProcess;

    /// <summary>Cancelled when the command is to stop.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>The signal that stopped the command (15 for SIGTERM, 1 for SIGHUP, 2 for SIGINT), or 0.</summary>
    public int Signal { get; private set; }

    private bool KeepsProcess { get; }

    /// <summary>Announces a command. Dispose the result when it has ended.</summary>
    /// <param name="keepProcess">
    /// True for a host that ends itself with an exit code of its own: it also gets SIGINT, and the signals do not end
    /// the process.
    /// </param>
    public static Interruption Begin(bool keepProcess = false)
    {
        Interruption interruption = new(keepProcess);
        lock (Gate)
        {
            s_registrations ??= Register();
            if (keepProcess)
                s_interruptRegistration ??= PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
            AtWork.Add(interruption);
        }

        return interruption;
    }

    /// <summary>
    /// Lets a write past RLIMIT_FSIZE be an error also outside commands, where an object's methods write.
    /// </summary>
    internal static void SurviveSizeLimit()
    {
        lock (Gate)
            s_registrations ??= Register();
    }

    /// <summary>
    /// Announces work that leaves things in disorder until it has ended. Signals wait for that, but not for a command
    /// that is idle, as while the next command of a pipeline takes its time over a result.
    /// </summary>
    /// <returns>Dispose it when everything is in order again.</returns>
    public WorkScope BeginWork()
    {
        _idle.Reset();
        return new(this);
    }

    /// <summary>Asks the command to stop; returns at once.</summary>
    public void Stop()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself a moment ago.
        }
    }

    /// <summary>Says that the command has ended and left everything in order.</summary>
    public void Dispose()
    {
        lock (Gate)
            AtWork.Remove(this);
        _idle.Set();
        _stop.Dispose();
    }

    /// <summary>Work that signals wait for.</summary>
    public readonly record struct WorkScope : IDisposable
    {
        private readonly Interruption? _command;

        internal WorkScope(Interruption command) => _command = command;

        /// <summary>Says that everything is in order.</summary>
        public void Dispose() => _command?._idle.Set();
    }

    /// <summary>
    /// Registered once and kept: a signal is handled on another thread, some time after it came, and one that came
    /// while a command was at work must still find its handler when that command has ended.
    /// </summary>
    private static PosixSignalRegistration[] Register() =>
    [
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal),
        // A write past RLIMIT_FSIZE raises SIGXFSZ, which kills, besides failing with EFBIG: the error is enough.
        PosixSignalRegistration.Create((PosixSignal)FileSizeLimitSignal, context => context.Cancel = true),
    ];

    private static void OnSignal(PosixSignalContext context)
    {
        Interruption[] commands;
        lock (Gate)
            commands = [.. AtWork];
        foreach (Interruption command in commands)
            command.StopFor(context.Signal);
        context.Cancel = Array.Exists(commands, command => command.KeepsProcess);
        if (context.Cancel)
            return;
        foreach (Interruption command in commands)
            command._idle.Wait(Patience);
    }

    private void StopFor(PosixSignal signal)
    {
        Signal = signal switch
        {
            PosixSignal.SIGTERM => 15,
            PosixSignal.SIGHUP => 1,
            _ => 2,
        };
        Stop();
    }
}
