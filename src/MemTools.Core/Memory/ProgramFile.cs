using System.Buffers.Binary;
using MemTools.Kernel;

namespace MemTools.Memory;

/// <summary>
/// The program that a process runs, as its file says (elf(5)). The kernel tells where the data ends in memory, but
/// not where bss does: that is as far behind it as the file's table of segments says.
/// </summary>
internal static class ProgramFile
{
    private const int HeaderLength = 64;
    private const int EntryLength = 56;
    private const int LoadSegment = 1;
    private const byte Class64 = 2;

    /// <summary>Bytes from the end of the data to the end of bss.</summary>
    /// <param name="process">The process.</param>
    /// <param name="why">Why it is not known, or null.</param>
    internal static ulong? BytesBehindData(int process, out string? why)
    {
        try
        {
            // Shared in every way, so that no lock is taken on a file that is not ours.
            using FileStream file = new(
                ProcessFile.PathOf(process, "exe"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            ulong? bytes = BytesBehindData(file);
            why = bytes is null ? "The end of bss is not known: the program is not a 64-bit ELF file." : null;
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = "The end of bss is in the program's file, which cannot be read here.";
            return null;
        }
    }

    private static ulong? BytesBehindData(FileStream file)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        file.ReadExactly(header);
        if (!header.StartsWith("\u007fELF"u8) || header[4] != Class64)
            return null;
        file.Position = BinaryPrimitives.ReadInt64LittleEndian(header[32..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(header[56..]);
        ulong dataEnd = 0;
        ulong bssEnd = 0;
        Span<byte> entry = stackalloc byte[EntryLength];
        for (int i = 0; i < count; i++)
        {
            file.ReadExactly(entry);
            if (BinaryPrimitives.ReadInt32LittleEndian(entry) != LoadSegment)
                continue;
            ulong start = BinaryPrimitives.ReadUInt64LittleEndian(entry[16..]);
            dataEnd = Math.Max(dataEnd, start + BinaryPrimitives.ReadUInt64LittleEndian(entry[32..]));
            bssEnd = Math.Max(bssEnd, start + BinaryPrimitives.ReadUInt64LittleEndian(entry[40..]));
        }

        return bssEnd - dataEnd;
    }
}
