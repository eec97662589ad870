using FsCheck.Fluent;
using MemTools.Tests.Support;
using MemTools.Transfer.Network;

namespace MemTools.Tests.Transfer.Network;

/// <summary>What is announced is what is read.</summary>
public class ConnectionStringTests
{
    [Theory]
    [InlineData("192.0.2.7", 4711, true, "memtools://192.0.2.7:4711/?v=1&key=yes")]
    [InlineData("::1", 1, false, "memtools://[::1]:1/?v=1&key=no")]
    [InlineData("[2001:db8::7]", 65535, null, "memtools://[2001:db8::7]:65535/?v=1")]
    [InlineData("fe80::1%eth0", 80, true, "memtools://[fe80::1%eth0]:80/?v=1&key=yes")]
    [InlineData("host.example", 22, null, "memtools://host.example:22/?v=1")]
    public void A_host_is_written_and_read(string host, int port, bool? needsKey, string text)
    {
        ConnectionString made = ConnectionString.ForHost(host, port, needsKey);
        Assert.Equal(text, made.ToString());
        Assert.Equal(made, ConnectionString.Parse(text));
        Assert.Equal(host.Trim('[', ']'), made.HostName);
    }

    [Fact]
    public void Any_path_of_a_socket_is_written_and_read() => Properties.Hold(
        Gen.Elements("/tmp/s", "/run/a b/ü?&#%2F", "/x/%/y:1", "/[::]").SelectMany(path => Gen.Elements<bool?>(true, false, null).Select(key => (path, key))),
        sample =>
        {
            ConnectionString made = ConnectionString.ForUnixSocket(sample.path, sample.key);
            ConnectionString read = ConnectionString.Parse(made.ToString());
            Assert.Equal(made, read);
            Assert.Equal(sample.path, read.UnixSocket);
        });

    [Theory]
    [InlineData("")]
    [InlineData("http://host:1/")]
    [InlineData("memtools://host/")]
    [InlineData("memtools://host:0/")]
    [InlineData("memtools://host:65536/")]
    [InlineData("memtools://host:-1/")]
    [InlineData("memtools://::1:80/")]
    [InlineData("memtools://:80/")]
    [InlineData("memtools://ho st:80/")]
    [InlineData("memtools+unix://relative/path")]
    [InlineData("memtools://host:1/?v=2")]
    [InlineData("memtools://host:1/?key=c2VjcmV0")]
    public void What_is_none_is_refused_with_a_sentence(string text)
    {
        ArgumentException e = Assert.ThrowsAny<ArgumentException>(() => ConnectionString.Parse(text));
        Assert.DoesNotContain("c2VjcmV0", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_too_long_for_a_socket_is_refused() =>
        Assert.Throws<ArgumentException>(() => ConnectionString.ForUnixSocket("/" + new string('x', 107)));

    [Fact]
    public void Later_versions_may_say_more() =>
        Assert.Equal("h", ConnectionString.Parse(" memtools://h:1/?v=1&key=yes&more=x \n").HostName);
}
