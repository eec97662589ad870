using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>
/// A file in memory (memfd), written in full and sealed, so that neither this process nor any other can make it
/// shorter: its pages may be touched without fear of SIGBUS.
/// </summary>
internal sealed unsafe class ScratchFile : IDisposable
{
    private const string Name = "memtools-scratch";
    private const int Piece = 1 << 20;

    private ScratchFile(Descriptor file) => File = file;

    internal Descriptor File { get; }

    /// <exception cref="SystemCallException">Memory or descriptors ran out.</exception>
    /// <exception cref="OperationCanceledException">The work was stopped.</exception>
    internal static ScratchFile Create(long length, CancellationToken cancellation)
    {
        ScratchFile scratch = new(Open());
        try
        {
            scratch.Fill(length, cancellation);
            const nint seals = MemoryFileCalls.SealShrink | MemoryFileCalls.SealGrow | MemoryFileCalls.SealSeals;
            Check(KernelResult.Of(FileCalls.Control(scratch.File, MemoryFileCalls.AddSeals, seals)), "fcntl");
            return scratch;
        }
        catch
        {
            scratch.Dispose();
            throw;
        }
    }

    public void Dispose() => File.Dispose();

    private static Descriptor Open()
    {
        fixed (byte* name = "memtools-scratch"u8)
        {
            const uint flags = MemoryFileCalls.CloseOnExec | MemoryFileCalls.AllowSealing;
            return new((nint)Check(KernelResult.Of(MemoryFileCalls.Create(name, flags)), "memfd_create"));
        }
    }

    /// <summary>Written and not only allocated: a page that was never written is not mapped together with its neighbours.</summary>
    private void Fill(long length, CancellationToken cancellation)
    {
        using Mapping zeros = Mapping.Memory(Piece);
        for (long written = 0; written < length;)
        {
            cancellation.ThrowIfCancellationRequested();
            written += Check(FileIO.WriteAt(File, zeros.Address, Math.Min(Piece, length - written), written), "pwrite");
        }
    }

    private static long Check(long result, string call) =>
        result >= 0 ? result : throw new SystemCallException(call, KernelResult.ErrnoOf(result), Name);
}
