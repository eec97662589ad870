using System.Text;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>
/// The XML of malloc_info(3). It is written to a file in memory and not by open_memstream(3), whose buffer a preloaded
/// allocator may have made, so that the C library's own free would crash on it.
/// </summary>
internal static unsafe class MallocReport
{
    private const int ReadLength = 64 * 1024;

    /// <exception cref="MemToolsException">NotSupported: not glibc.</exception>
    /// <exception cref="SystemCallException">The file in memory could not be made or read.</exception>
    internal static string Take()
    {
        GlibcMalloc library = MallocLibrary.Require();
        using Descriptor file = MakeFile();
        WriteTo(file, library);
        return Encoding.UTF8.GetString(ReadAll(file));
    }

    private static Descriptor MakeFile()
    {
        fixed (byte* name = "malloc_info"u8)
        {
            long number = KernelResult.Of(MemoryFileCalls.Create(name, MemoryFileCalls.CloseOnExec));
            return new((nint)SystemCallException.Check(number, "memfd_create", Name));
        }
    }

    private static void WriteTo(Descriptor file, GlibcMalloc library)
    {
        // The stream closes its descriptor, so it gets one of its own.
        long copy = SystemCallException.Check(KernelResult.Of(FileCalls.Duplicate(file)), "dup", Name);
        nint stream;
        fixed (byte* mode = "w"u8)
            stream = MallocCalls.OpenStream((int)copy, mode);
        if (stream == 0)
        {
            long failed = KernelResult.Of(-1);
            _ = FileCalls.Close((nint)copy);
            SystemCallException.Check(failed, "fdopen", Name);
        }

        _ = library.Report(stream);
        SystemCallException.Check(KernelResult.Of(MallocCalls.CloseStream(stream)), "fclose", Name);
    }

    private static byte[] ReadAll(Descriptor file)
    {
        using MemoryStream text = new();
        byte[] buffer = new byte[ReadLength];
        fixed (byte* bytes = buffer)
        {
            while (true)
            {
                long count = SystemCallException.Check(FileIO.ReadAt(file, (nint)bytes, ReadLength, text.Length), "pread", Name);
                if (count == 0)
                    return text.ToArray();
                text.Write(buffer, 0, (int)count);
            }
        }
    }

    private static NativePath Name => NativePath.From("memfd:malloc_info");
}
