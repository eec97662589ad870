using System.Runtime.InteropServices;

namespace MemTools.Rings;

/// <summary>
/// The first page of a byte ring's memory. Every process that holds the ring reads and writes this page, one written in C
/// too, so its offsets are fixed and written out; all numbers are of the processor's own byte order. The data begin at
/// <see cref="HeaderLength"/>.
/// </summary>
/// <remarks>
/// Indices are free-running: they count bytes and are masked only to find a place, so that full and empty differ and no
/// slot is lost. What one side writes often stands 128 bytes away from what the other does: two cache lines, since
/// processors fetch lines in pairs.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct RingHeader
{
    internal const int Size = 4096;

    /// <summary>"MEMTRING" in the order of the bytes in memory, on little-endian processors.</summary>
    internal const ulong ExpectedMagic = 0x474E_4952_544D_454D;

    internal const uint CurrentVersion = 1;

    internal const int NameOffset = 1024;

    /// <summary>In bytes of UTF-8, with the zero that ends it.</summary>
    internal const int NameRoom = 256;

    // Written once, before anybody else sees the memory.

    /// <summary>Written last of all at creation.</summary>
    [FieldOffset(0)]
    internal ulong Magic;

    [FieldOffset(8)]
    internal uint Version;

    /// <summary>Bytes before the data: a page of the machine.</summary>
    [FieldOffset(12)]
    internal uint HeaderLength;

    /// <summary>Bytes of data: a power of two, whole pages.</summary>
    [FieldOffset(16)]
    internal ulong Capacity;

    /// <summary>A <see cref="RingMode"/>.</summary>
    [FieldOffset(24)]
    internal uint Mode;

    /// <summary>A <see cref="RingFullAction"/>.</summary>
    [FieldOffset(28)]
    internal uint WhenFull;

    /// <summary>Where all indices began. Zero but in tests.</summary>
    [FieldOffset(32)]
    internal ulong StartIndex;

    // The producer's.

    /// <summary>Past the last byte that readers may take. Stored with release after the bytes.</summary>
    [FieldOffset(128)]
    internal ulong ProducerIndex;

    /// <summary>Records written since creation. Stored before the index that publishes the record.</summary>
    [FieldOffset(136)]
    internal ulong RecordsWritten;

    /// <summary>How often a writer had to wait for room.</summary>
    [FieldOffset(144)]
    internal ulong WriteStalls;

    // The producer's too, in rings that drop the oldest; in others these keep their first values.

    /// <summary>
    /// What lies before it may be overwritten at any moment. Moved before the bytes are overwritten; a reader that finds
    /// it moved past where it read throws away what it copied.
    /// </summary>
    [FieldOffset(256)]
    internal ulong OldestIndex;

    /// <summary>
    /// How many records lie before <see cref="OldestIndex"/>, in two places in turn: that with the index that stands
    /// there counts. So index and number fit together for a reader, though they are two words, and though the producer
    /// may die between them.
    /// </summary>
    [FieldOffset(264)]
    internal OldestRecord FirstOldest;

    /// <summary>The other place.</summary>
    [FieldOffset(280)]
    internal OldestRecord SecondOldest;

    // The consumer's.

    /// <summary>Where the next read begins. Stored with release after the bytes were copied.</summary>
    [FieldOffset(384)]
    internal ulong ConsumerIndex;

    /// <summary>Records taken out since creation.</summary>
    [FieldOffset(392)]
    internal ulong RecordsRead;

    /// <summary>How often a reader had to wait for data.</summary>
    [FieldOffset(400)]
    internal ulong ReadStalls;

    /// <summary>Bytes that were overwritten before the consumer came to them, length prefixes included.</summary>
    [FieldOffset(408)]
    internal ulong DroppedBytes;

    /// <summary>Records among these.</summary>
    [FieldOffset(416)]
    internal ulong DroppedRecords;

    // Written rarely and read at every operation, so that both sides keep the line in their caches.

    /// <summary>A futex: 1 while the consumer sleeps, or is about to, until data come.</summary>
    [FieldOffset(512)]
    internal uint ConsumerWaits;

    /// <summary>A futex: 1 while the producer sleeps, or is about to, until there is room.</summary>
    [FieldOffset(516)]
    internal uint ProducerWaits;

    /// <summary>1 when nothing more will be written.</summary>
    [FieldOffset(520)]
    internal uint Completed;

    /// <summary>Where the producer's index must come to for the consumer to be woken. Stored before the wait word.</summary>
    [FieldOffset(528)]
    internal ulong ConsumerNeeds;

    /// <summary>Where the consumer's index must come to for the producer to be woken. Stored before the wait word.</summary>
    [FieldOffset(536)]
    internal ulong ProducerNeeds;

    // Who writes and who reads, in a ring that processes share. Written when a role changes hands, under flock(2) on the
    // memory: see RingRole.

    /// <summary>Who has the producer's role.</summary>
    [FieldOffset(640)]
    internal RoleCell Producer;

    /// <summary>Who has the consumer's role.</summary>
    [FieldOffset(768)]
    internal RoleCell Consumer;

    // Who made it, in a ring that processes share. Written once, before anybody else sees the memory.

    /// <summary>The inode number of /proc/self/ns/pid: in which PID namespace the ids of processes are to be understood.</summary>
    [FieldOffset(896)]
    internal ulong PidNamespace;

    /// <summary>When the process started that made the ring, as /proc/PID/stat has it.</summary>
    [FieldOffset(904)]
    internal ulong CreatorStartTime;

    /// <summary>The process that made the ring.</summary>
    [FieldOffset(912)]
    internal uint CreatorProcessId;

    /// <summary>When it was made, in milliseconds since 1970.</summary>
    [FieldOffset(920)]
    internal long CreatedUnixMilliseconds;

    // 1024 to 1279: the name (NameOffset, NameRoom). 1280 to 4095: nothing yet; zero.
}

/// <summary>A place in a ring and the number of records before it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct OldestRecord
{
    internal ulong Index;
    internal ulong Records;
}

/// <summary>Who has a role. A process id alone would not do: ids are used again.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RoleCell
{
    /// <summary>The process in the low half, and in the high half which of its attachments to the ring; 0 for nobody.</summary>
    internal ulong Owner;

    /// <summary>When that process started, in clock ticks since boot. Means nothing while there is no owner.</summary>
    internal ulong StartTime;
}
