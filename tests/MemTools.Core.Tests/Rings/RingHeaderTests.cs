using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using MemTools.Rings;
using MemTools.Tests.Native;
using MemTools.Tests.Support;

namespace MemTools.Tests.Rings;

/// <summary>The layout of shared memory is the same in the core, in the C header and in the document, for each processor.</summary>
public partial class RingHeaderTests
{
    private static readonly Dictionary<string, string> CNames = new()
    {
        ["Magic"] = "magic", ["Version"] = "version", ["HeaderLength"] = "header_length", ["Capacity"] = "capacity",
        ["Mode"] = "mode", ["WhenFull"] = "when_full", ["StartIndex"] = "start_index",
        ["ProducerIndex"] = "producer_index", ["RecordsWritten"] = "records_written", ["WriteStalls"] = "write_stalls",
        ["OldestIndex"] = "oldest_index", ["FirstOldest"] = "first_oldest", ["SecondOldest"] = "second_oldest",
        ["ConsumerIndex"] = "consumer_index", ["RecordsRead"] = "records_read", ["ReadStalls"] = "read_stalls",
        ["DroppedBytes"] = "dropped_bytes", ["DroppedRecords"] = "dropped_records",
        ["ConsumerWaits"] = "consumer_waits", ["ProducerWaits"] = "producer_waits", ["Completed"] = "completed",
        ["ConsumerNeeds"] = "consumer_needs", ["ProducerNeeds"] = "producer_needs",
        ["Producer"] = "producer", ["Consumer"] = "consumer",
        ["PidNamespace"] = "pid_namespace", ["CreatorStartTime"] = "creator_start_time",
        ["CreatorProcessId"] = "creator_process", ["CreatedUnixMilliseconds"] = "created_unix_ms",
    };

    public static TheoryData<string> Compilers => CCompiler.Names;

    private static IEnumerable<(string Name, long Offset, int Size)> Fields => typeof(RingHeader)
        .GetFields(BindingFlags.Instance | BindingFlags.NonPublic)
        .Select(one => (CNames[one.Name], (long)Marshal.OffsetOf<RingHeader>(one.Name), Marshal.SizeOf(one.FieldType)))
        .Append(("name", RingHeader.NameOffset, RingHeader.NameRoom));

    [SkippableTheory]
    [MemberData(nameof(Compilers))]
    public void The_C_header_has_the_same_layout(string command)
    {
        CCompiler compiler = CCompiler.Need(command);
        StringBuilder source = new($"#include \"{Path.Combine(Repository.Root, "docs", "examples", "memtools_ring.h")}\"\n");
        void Check(string expression, object value) =>
            source.Append(System.Globalization.CultureInfo.InvariantCulture, $"_Static_assert(({expression}) == {value}, \"{expression}\");\n");
        foreach ((string name, long offset, int size) in Fields)
        {
            Check($"offsetof(struct mtr_header, {name})", offset);
            Check($"sizeof(((struct mtr_header *)0)->{name})", size);
        }

        Check("offsetof(struct mtr_role, owner)", (long)Marshal.OffsetOf<RoleCell>("Owner"));
        Check("offsetof(struct mtr_role, start_time)", (long)Marshal.OffsetOf<RoleCell>("StartTime"));
        Check("offsetof(struct mtr_oldest, index)", (long)Marshal.OffsetOf<OldestRecord>("Index"));
        Check("offsetof(struct mtr_oldest, records)", (long)Marshal.OffsetOf<OldestRecord>("Records"));
        Check("sizeof(struct mtr_header) <= 4096", 1);
        Check("MTR_MAGIC", $"{RingHeader.ExpectedMagic}ULL");
        Check("MTR_VERSION", RingHeader.CurrentVersion);
        Check("MTR_PREFIX", ByteRing.PrefixLength);
        Check("MTR_LARGEST_CAPACITY", RingMemory.LargestCapacity);
        Check("MTR_STREAM", (int)RingMode.Stream);
        Check("MTR_RECORD", (int)RingMode.Record);
        Check("MTR_WAIT", (int)RingFullAction.Wait);
        Check("MTR_ERROR", (int)RingFullAction.Error);
        Check("MTR_DROP_OLDEST", (int)RingFullAction.DropOldest);
        (int exitCode, string output) = compiler.Compile(source.ToString(), kernelHeaders: false);
        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public void The_document_has_every_field_with_its_offset_and_size()
    {
        string document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "shared-ring.md"));
        var documented = DocumentedField().Matches(document)
            .Select(row => (row.Groups[3].Value, long.Parse(row.Groups[1].Value, null), int.Parse(row.Groups[2].Value, null)));
        Assert.Equal(Fields.OrderBy(one => one.Offset), documented.OrderBy(one => one.Item2));
    }

    [GeneratedRegex(@"(?m)^\| (\d+) \| (\d+) \| `(\w+)` \|")]
    private static partial Regex DocumentedField();
}
