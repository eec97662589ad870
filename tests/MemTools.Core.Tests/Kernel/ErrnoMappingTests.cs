using System.Runtime.InteropServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Tests.Kernel;

public class ErrnoMappingTests
{
    public static TheoryData<string> ErrorNames => [.. Enum.GetNames<Errno>().Where(name => name != nameof(Errno.None))];

    [Theory]
    [MemberData(nameof(ErrorNames))]
    public void Every_errno_has_a_kind_and_a_message_that_names_it(string name)
    {
        Errno errno = Enum.Parse<Errno>(name);
        SystemCallException error = new("sendfile", errno, "/mnt/x");
        Assert.True(Enum.IsDefined(error.Kind));
        Assert.Equal(ErrnoMapping.KindOf(errno), error.Kind);
        Assert.Equal(name, error.ErrorName);
        Assert.Equal("sendfile", error.Call);
        Assert.Equal("/mnt/x", error.Path);
        Assert.Equal((int)errno, error.HResult);
        Assert.Equal($"sendfile: {name} on '/mnt/x': {Marshal.GetPInvokeErrorMessage((int)errno)}", error.Message);
        Assert.DoesNotContain("Unknown error", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_message_of_a_full_disk_reads_as_documented() => Assert.Equal(
        "sendfile: ENOSPC on '/mnt/x': No space left on device",
        new SystemCallException("sendfile", Errno.ENOSPC, "/mnt/x").Message);

    [Theory]
    [InlineData("ENOENT", "NotFound")]
    [InlineData("EACCES", "PermissionDenied")]
    [InlineData("EPERM", "PermissionDenied")]
    [InlineData("EROFS", "ReadOnly")]
    [InlineData("EEXIST", "AlreadyExists")]
    [InlineData("EISDIR", "IsDirectory")]
    [InlineData("ENOTDIR", "NotDirectory")]
    [InlineData("ELOOP", "SymlinkLoop")]
    [InlineData("ENAMETOOLONG", "NameTooLong")]
    [InlineData("ENOSPC", "NoSpace")]
    [InlineData("EDQUOT", "NoSpace")]
    [InlineData("EFBIG", "FileTooLarge")]
    [InlineData("ETXTBSY", "Busy")]
    [InlineData("EXDEV", "NotSupported")]
    [InlineData("EOPNOTSUPP", "NotSupported")]
    [InlineData("EINVAL", "InvalidArgument")]
    [InlineData("EIO", "IoError")]
    [InlineData("ENOMEM", "OutOfMemory")]
    [InlineData("EMFILE", "TooManyOpenFiles")]
    [InlineData("EPIPE", "Disconnected")]
    [InlineData("ESTALE", "Unreachable")]
    [InlineData("EBADF", "SystemCallFailed")]
    public void An_errno_becomes_the_kind_that_a_script_tells_apart(string errno, string kind) =>
        Assert.Equal(kind, ErrnoMapping.KindOf(Enum.Parse<Errno>(errno)).ToString());

    [Fact]
    public void A_failed_call_throws_and_a_good_one_passes_its_result_through()
    {
        NativePath path = NativePath.From("/x");
        Assert.Equal(42, SystemCallException.Check(42, "read", path));
        SystemCallException error = Assert.Throws<SystemCallException>(
            () => SystemCallException.Check(-(long)Errno.EIO, "read", path));
        Assert.Equal(Errno.EIO, error.Errno);
    }

    [Fact]
    public void Errno_is_read_from_the_call_that_failed()
    {
        long result = FileIO.TryOpen(
            Descriptor.WorkingDirectory, NativePath.From("/no/such/path"), OpenFlags.ReadOnly, 0, out Descriptor? file);
        Assert.Null(file);
        Assert.Equal(Errno.ENOENT, KernelResult.ErrnoOf(result));
    }
}
