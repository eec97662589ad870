namespace MemTools.Transfer.Methods;

/// <summary>
/// What direct I/O asks for (statx(2), STATX_DIOALIGN). The two differ: data may begin at any block of 512 bytes in a
/// file whose buffers are best on a page of 64 KiB.
/// </summary>
/// <param name="Offset">Offsets and lengths are multiples of it.</param>
/// <param name="Memory">Buffers begin at multiples of it.</param>
internal readonly record struct DirectAlignment(int Offset, int Memory);
