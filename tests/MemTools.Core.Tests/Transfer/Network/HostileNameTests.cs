using System.Text;
using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Tests.Transfer.Network.Peers;

namespace MemTools.Tests.Transfer.Network;

/// <summary>Names and links from the network that try to leave the destination, and what stands in the destination already.</summary>
public class HostileNameTests
{
    private static readonly byte[] Bytes = "from the network"u8.ToArray();

    public static TheoryData<string> Refused =>
    [
        "..", ".", "../beside", "a/../../beside", "a/..", "./a", "a/./b", "/etc/passwd", "/", "//a", "a//b", "a/", "../in/a", "..//beside",
        "folder-beside/../../beside", "a\0b", "\0", ".a.memtools-0123456789ab", "a/.b.memtools-0123456789ab",
        new string('a', 256), "a/" + new string('b', 256), Deep(257), Deep(2048),
    ];

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_name_that_could_lead_out_is_refused_as_every_kind_of_entry(string name)
    {
        using RunningReceiver receiver = new();
        using WirePeer peer = WirePeer.Authenticated(receiver.EndPoint, receiver.Key);
        peer.Put(WireFrames.File, WireEntry.Small(1, name, Bytes).ToBytes(), Bytes);
        AssertFailed(peer.Expect(WireFrames.Results), ErrorKind.NameRefused, ErrorKind.NameTooLong);
        peer.Put(WireFrames.File, WireEntry.Offer(2, name, 5 << 20).ToBytes());
        AssertFailed(peer.Expect(WireFrames.Results), ErrorKind.NameRefused, ErrorKind.NameTooLong);
        peer.Put(WireFrames.Folder, WireEntry.Folder(3, name, 0x1FF).ToBytes());
        AssertFailed(peer.Expect(WireFrames.Results), ErrorKind.NameRefused, ErrorKind.NameTooLong);
        peer.Put(WireFrames.Link, WireEntry.Link(4, name, "a").ToBytes());
        AssertFailed(peer.Expect(WireFrames.Results), ErrorKind.NameRefused, ErrorKind.NameTooLong);
        // The connection is as good as before.
        peer.Put(WireFrames.File, WireEntry.Small(5, "good", Bytes).ToBytes(), Bytes);
        AssertDone(peer.Expect(WireFrames.Results));
        Assert.Equal(["good"], receiver.Names);
        receiver.AssertNothingEscaped();
    }

    [Theory]
    [InlineData("link", "/etc/passwd")]
    [InlineData("link", "/")]
    [InlineData("link", "..")]
    [InlineData("link", "../beside")]
    [InlineData("link", "a/../../beside")]
    [InlineData("a/link", "../../beside")]
    [InlineData("a/link", "b/../../../beside")]
    [InlineData("a/b/link", "../../..")]
    [InlineData("link", "./../beside")]
    [InlineData("link", "a\0b")]
    public void A_link_that_could_lead_out_is_refused(string path, string target)
    {
        using RunningReceiver receiver = new();
        using WirePeer peer = WirePeer.Authenticated(receiver.EndPoint, receiver.Key);
        peer.Put(WireFrames.Link, WireEntry.Link(1, path, target).ToBytes());
        AssertFailed(peer.Expect(WireFrames.Results), ErrorKind.NameRefused);
        Assert.DoesNotContain(receiver.Names, name => name.EndsWith("link", StringComparison.Ordinal));
        Surroundings.AssertHarmless(receiver.Destination);
    }

    /// <summary>Each is harmless alone; the second means another place once the first stands.</summary>
    [Fact]
    public void Links_that_lead_out_together_are_refused_or_lead_nowhere()
    {
        using RunningReceiver receiver = new();
        using WirePeer peer = WirePeer.Authenticated(receiver.EndPoint, receiver.Key);
        WireEntry[] entries =
        [
            WireEntry.Folder(1, "a/b/c"), WireEntry.Link(2, "a/b/c/up", "../../.."), WireEntry.Link(3, "short", "a/b/c"),
            WireEntry.Link(4, "out", "short/up/../beside"), WireEntry.Link(5, "out2", "a/b/c/up"), WireEntry.Link(6, "out2", ".."),
        ];
        foreach (WireEntry entry in entries)
        {
            peer.Put(entry.Target.Length == 0 ? WireFrames.Folder : WireFrames.Link, entry.ToBytes());
            peer.Expect(WireFrames.Results);
        }

        uint id = 10;
        foreach (string path in (string[])["out/x", "short/up/x", "short/x", "out2/x", "a/b/c/up/x"])
        {
            peer.Put(WireFrames.File, WireEntry.Small(++id, path, Bytes).ToBytes(), Bytes);
            WireFrame results = peer.Expect(WireFrames.Results);
            Assert.True(results.Body[4] == 1 || !path.StartsWith("short", StringComparison.Ordinal), $"'{path}' went through a link");
        }

        Surroundings.AssertHarmless(receiver.Destination);
        receiver.AssertNothingEscaped();
    }

    /// <summary>Somebody at the receiver's host, or an earlier sender, has put links there.</summary>
    [Fact]
    public void A_link_in_the_destination_is_never_followed()
    {
        using RunningReceiver receiver = new();
        Directory.CreateSymbolicLink(receiver["folder"], receiver.Folder["folder-beside"]);
        File.CreateSymbolicLink(receiver["file"], receiver.Folder["beside"]);
        File.CreateSymbolicLink(receiver["dangling"], receiver.Folder["made by a link"]);
        using WirePeer peer = WirePeer.Authenticated(receiver.EndPoint, receiver.Key);
        string[] through = ["folder/x", "folder/made/x"];
        uint id = 0;
        foreach (string path in through)
        {
            peer.Put(WireFrames.File, WireEntry.Small(++id, path, Bytes).ToBytes(), Bytes);
            AssertFailed(peer.Expect(WireFrames.Results), ErrorKind.NameRefused);
            peer.Put(WireFrames.Folder, WireEntry.Folder(++id, path, 0x1FF).ToBytes());
            AssertFailed(peer.Expect(WireFrames.Results), ErrorKind.NameRefused);
        }

        // A folder's mode is not that of what a link leads to.
        peer.Put(WireFrames.Folder, WireEntry.Folder(++id, "folder", 0).ToBytes());
        AssertFailed(peer.Expect(WireFrames.Results), ErrorKind.NameRefused, ErrorKind.NotDirectory, ErrorKind.SymlinkLoop);
        // The links themselves are replaced.
        foreach (string path in (string[])["file", "dangling"])
        {
            peer.Put(WireFrames.File, WireEntry.Small(++id, path, Bytes).ToBytes(), Bytes);
            AssertDone(peer.Expect(WireFrames.Results));
            Assert.Null(new FileInfo(receiver[path]).LinkTarget);
            Content.AssertSame(Bytes, receiver[path]);
        }

        receiver.AssertNothingEscaped();
    }

    /// <summary>The directory that a file goes to becomes a link while it is looked up, again and again.</summary>
    [SkippableFact]
    public void A_directory_that_becomes_a_link_meanwhile_is_not_followed_either()
    {
        Tool.Need("gcc", "gcc");
        using RunningReceiver receiver = new();
        string trap = receiver.Folder["folder-beside"];
        Directory.CreateDirectory(receiver["swapped"]);
        Directory.CreateSymbolicLink(receiver["other"], trap);
        using CProgram swapper = CProgram.Compile(
            """
            #define _GNU_SOURCE
            #include <fcntl.h>
            #include <stdio.h>
            #include <unistd.h>
            int main(int count, char **words) {
                if (chdir(words[1]) != 0) return 1;
                while (getppid() != 1) renameat2(AT_FDCWD, "swapped", AT_FDCWD, "other", RENAME_EXCHANGE);
                return 0;
            }
            """);
        using ProcessRun swapping = ProcessRun.Start([swapper.Path, receiver.Destination]);
        using WirePeer peer = WirePeer.Authenticated(receiver.EndPoint, receiver.Key);
        int refused = 0;
        for (uint id = 1; id <= NetworkRepeats.SwappedDirectories; id++)
        {
            // A folder of its own each time, so that no descriptor that is kept open helps.
            string path = id % 3 == 0 ? "swapped/x" : $"swapped/deeper{id}/x";
            peer.Put(WireFrames.File, WireEntry.Small(id, path, Bytes).ToBytes(), Bytes);
            refused += peer.Expect(WireFrames.Results).Body[4];
        }

        swapping.KillIfRunning();
        swapping.Wait();
        Assert.InRange(refused, 1, NetworkRepeats.SwappedDirectories - 1);
        Assert.Empty(Directory.GetFileSystemEntries(trap));
    }

    [SkippableFact]
    public void What_stands_under_a_name_and_is_no_file_is_not_written_to()
    {
        using RunningReceiver receiver = new();
        Machine.MakeFifo(receiver["fifo"]);
        Directory.CreateDirectory(receiver["folder"]);
        bool device = Tool.Run("mknod", receiver["device"], "c", "1", "7").ExitCode == 0;
        using WirePeer peer = WirePeer.Authenticated(receiver.EndPoint, receiver.Key);
        uint id = 0;
        foreach (string name in (string[])["fifo", "folder", .. device ? ["device"] : Array.Empty<string>()])
        {
            peer.Put(WireFrames.File, WireEntry.Small(++id, name, Bytes).ToBytes(), Bytes);
            WireFrame results = peer.Expect(WireFrames.Results);
            // Refused, or a file stands there now; never written into.
            Assert.True(results.Body[4] == 1 || new FileInfo(receiver[name]).Length == Bytes.Length, name);
        }

        Assert.True(Directory.Exists(receiver["folder"]));
    }

    [Fact]
    public void Set_user_id_is_not_gained_by_what_stood_there_before()
    {
        using RunningReceiver receiver = new();
        File.WriteAllBytes(receiver["program"], Bytes);
        Tool.RunChecked("chmod", "6755", receiver["program"]);
        using WirePeer peer = WirePeer.Authenticated(receiver.EndPoint, receiver.Key);
        WireEntry entry = WireEntry.Small(1, "program", Bytes);
        entry.Flags |= WireEntry.HasMode;
        entry.Mode = 0x1ED;
        peer.Put(WireFrames.File, entry.ToBytes(), Bytes);
        AssertDone(peer.Expect(WireFrames.Results));
        Assert.Equal("755", Tool.RunChecked("stat", "-c", "%a", receiver["program"]).Trim());
        Surroundings.AssertHarmless(receiver.Destination);
    }

    [Fact]
    public void Attributes_outside_of_the_user_namespace_are_refused()
    {
        using RunningReceiver receiver = new();
        using WirePeer peer = WirePeer.Authenticated(receiver.EndPoint, receiver.Key);
        uint id = 0;
        foreach (string attribute in (string[])["security.capability", "trusted.overlay.opaque", "system.posix_acl_access", "user.a\0b", "user."])
        {
            WireEntry entry = WireEntry.Small(++id, $"file{id}", Bytes);
            entry.Attributes.Add((Encoding.UTF8.GetBytes(attribute), [1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0]));
            peer.Put(WireFrames.File, entry.ToBytes(), Bytes);
            peer.Expect(WireFrames.Results);
            if (File.Exists(receiver[$"file{id}"]))
                Assert.Equal(string.Empty, Tool.RunChecked("getfattr", "-d", "-m", "-", receiver[$"file{id}"]));
        }
    }

    [Fact]
    public void Any_other_bytes_make_a_name_and_are_harmless_where_they_are_shown()
    {
        using RunningReceiver receiver = new();
        using WirePeer peer = WirePeer.Authenticated(receiver.EndPoint, receiver.Key);
        byte[][] names =
        [
            [0xFF, 0xFE, (byte)'x'], "\u001b[2J\u001b]0;title\u0007"u8.ToArray(), "line\nbreak\r"u8.ToArray(), "\u202Egnp.exe"u8.ToArray(),
            Encoding.UTF8.GetBytes(new string('n', 255)), [(byte)'a', 0x80], "-rf"u8.ToArray(), "..."u8.ToArray(), "a\\..\\b"u8.ToArray(),
            Encoding.UTF8.GetBytes(Deep(100)),
        ];
        uint id = 0;
        foreach (byte[] name in names)
        {
            peer.Put(WireFrames.File, WireEntry.Small(++id, name, Bytes).ToBytes(), Bytes);
            AssertDone(peer.Expect(WireFrames.Results));
        }

        Assert.Equal(names.Length, Tool.RunChecked("find", receiver.Destination, "-type", "f", "-size", $"{Bytes.Length}c", "-printf", ".").Length);

        // And where they are refused, the sentence does not move anybody's cursor.
        peer.Put(WireFrames.File, WireEntry.Small(++id, "../\u001b[2J\n\u202E"u8.ToArray(), Bytes).ToBytes(), Bytes);
        WireFrame results = peer.Expect(WireFrames.Results);
        AssertFailed(results, ErrorKind.NameRefused);
        Waited.For(() => receiver.Errors.Length + receiver.Warnings.Length > 0);
        foreach (string text in receiver.Errors.Select(error => error.Message).Concat(receiver.Warnings))
            Assert.DoesNotContain(text, one => char.IsControl(one) || one == '\u202E');
    }

    private static string Deep(int components) => string.Join('/', Enumerable.Repeat("d", components));

    private static void AssertDone(WireFrame results) => Assert.True(results.Body[4] == 0, Encoding.UTF8.GetString(results.Body[10..]));

    private static void AssertFailed(WireFrame results, params ErrorKind[] kinds)
    {
        Assert.Equal(1, results.Body[4]);
        Assert.Contains((ErrorKind)(results.Body[6] | (results.Body[7] << 8)), kinds);
    }
}
