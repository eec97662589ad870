using System.Globalization;
using System.Security;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;
using MemTools.Transfer.Network;

namespace MemTools.Tests.Transfer.Network;

/// <summary>Where keys come from, and which are refused.</summary>
public class TransferKeyTests
{
    private const string Text = "correct horse battery staple";

    [Fact]
    public void The_same_text_is_the_same_key_wherever_it_comes_from()
    {
        using TempDirectory folder = new();
        string path = folder.Write("key", [.. "correct horse battery staple\r\n"u8]);
        FileFacts.SetMode(path, 0x180);
        using SecureString secure = new();
        foreach (char one in Text)
            secure.AppendChar(one);
        using TransferKey file = TransferKey.FromFile(path);
        using TransferKey typed = TransferKey.FromSecureString(secure);
        using TransferKey copy = file.Copy();
        Assert.Equal("correct horse battery staple"u8.ToArray(), file.Bytes.ToArray());
        Assert.Equal(file.Bytes.ToArray(), typed.Bytes.ToArray());
        Assert.Equal(file.Bytes.ToArray(), copy.Bytes.ToArray());
    }

    [Theory]
    [InlineData(0x1A0u)]
    [InlineData(0x184u)]
    [InlineData(0x182u)]
    public void A_file_that_others_can_use_is_refused(uint mode)
    {
        using TempDirectory folder = new();
        string path = folder.Write("key", Content.Random(32));
        FileFacts.SetMode(path, mode);
        Assert.Contains("chmod 600", Refused(() => TransferKey.FromFile(path)), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("u:{0}:r", true)]
    [InlineData("u:12345:r", false)]
    [InlineData("g:12345:r", false)]
    public void A_credential_may_be_readable_by_its_service_alone(string entry, bool isUsable)
    {
        string setfacl = Tool.Need("setfacl", "acl");
        using TempDirectory folder = new();
        string path = folder.Write("credential", Content.Random(32));
        FileFacts.SetMode(path, 0x100);
        string user = ProcessCalls.EffectiveUser().ToString(CultureInfo.InvariantCulture);
        ProcessResult result = ProcessRun.Execute(setfacl, "-m", entry.Replace("{0}", user, StringComparison.Ordinal), path);
        Skip.If(result.Error.Contains("not supported", StringComparison.Ordinal), "This file system has no access control lists.");
        Assert.True(result.ExitCode == 0, result.ToString());
        // The mask of the list shows as the group's bits.
        Assert.Equal("440", ProcessRun.Require("stat", "-c", "%a", path).Trim());
        if (isUsable)
            TransferKey.FromFile(path).Dispose();
        else
            Assert.Contains("mode 440", Refused(() => TransferKey.FromFile(path)), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_file_of_another_user_is_refused()
    {
        Machine.NeedRoot();
        using TempDirectory folder = new();
        string path = folder.Write("key", Content.Random(32));
        FileFacts.SetMode(path, 0x180);
        using (Descriptor file = FileFacts.Open(path, 0))
            Assert.Equal(0, FileMetadata.SetOwner(file, 1234, 1234));
        Assert.Contains("another user", Refused(() => TransferKey.FromFile(path)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_file_or_not_there_is_refused()
    {
        using TempDirectory folder = new();
        Assert.Contains("no regular file", Refused(() => TransferKey.FromFile(folder.Path)), StringComparison.Ordinal);
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<SystemCallException>(() => TransferKey.FromFile(folder["missing"])).Kind);
    }

    [Fact]
    public void Short_and_long_keys_are_refused_without_a_word_of_them()
    {
        byte[] secret = "hunter2hunter2!"u8.ToArray();
        string message = Refused(() => TransferKey.FromBytes(secret));
        Assert.Contains("16", message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", message, StringComparison.Ordinal);
        _ = Refused(() => TransferKey.FromBytes(new byte[TransferKey.LongestLength + 1]));
        using TransferKey longest = TransferKey.FromBytes(new byte[TransferKey.LongestLength]);
        Assert.Equal("TransferKey", longest.ToString());
    }

    [Fact]
    public void A_disposed_key_is_wiped_and_refuses_itself()
    {
        TransferKey key = TransferKey.FromBytes(Content.Random(32));
        ReadOnlySpan<byte> bytes = key.Bytes;
        key.Dispose();
        Assert.Equal(new byte[32], bytes.ToArray());
        Assert.Throws<ObjectDisposedException>(() => _ = key.Bytes.Length);
    }

    private static string Refused(Action act)
    {
        MemToolsException e = Assert.Throws<MemToolsException>(act);
        Assert.Equal(ErrorKind.KeyNotUsable, e.Kind);
        return e.Message;
    }
}
