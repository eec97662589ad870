using MemTools.Kernel;
using MemTools.Rings;
using MemTools.Tests.Support;

namespace MemTools.Tests.Rings;

/// <summary>The names of shared rings stand where nobody else can write, or nowhere.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class RegistryDirectoryTests : IDisposable
{
    private readonly RuntimeFolder _runtime = new();

    private string Product => Path.Combine(_runtime.Path, "memtools");

    [Fact]
    public void It_is_made_closed_to_others()
    {
        RegistryDirectory.Open(_runtime.Places).Dispose();
        Assert.Equal(RuntimeFolder.Mode0700, File.GetUnixFileMode(Product));
        Assert.Equal(RuntimeFolder.Mode0700, File.GetUnixFileMode(_runtime.Names));
    }

    [Fact]
    public void The_runtime_directory_comes_first_then_that_of_the_user_then_the_fallback()
    {
        using TempDirectory other = new();
        File.SetUnixFileMode(other.Path, RuntimeFolder.Mode0700);
        string fallback = other["fallback"];
        RegistryDirectory.Open(new(_runtime.Path, other.Path, fallback)).Dispose();
        Assert.True(Directory.Exists(_runtime.Names));
        Assert.Empty(other.Names);
        RegistryDirectory.Open(new(null, other.Path, fallback)).Dispose();
        Assert.Equal(["memtools"], other.Names);
        RegistryDirectory.Open(new(string.Empty, "/nowhere/at/all", fallback)).Dispose();
        Assert.True(Directory.Exists(Path.Combine(fallback, "rings")));
        Assert.Equal(RuntimeFolder.Mode0700, File.GetUnixFileMode(fallback));
    }

    [Fact]
    public void A_relative_runtime_directory_is_passed_over()
    {
        using TempDirectory other = new();
        RegistryDirectory.Open(new("relative/path", "/nowhere", other["fallback"])).Dispose();
        Assert.Equal(["fallback"], other.Names);
    }

    [Fact]
    public void A_symbolic_link_is_refused_wherever_it_stands()
    {
        using TempDirectory elsewhere = new();
        File.SetUnixFileMode(elsewhere.Path, RuntimeFolder.Mode0700);
        Directory.CreateSymbolicLink(Product, elsewhere.Path);
        AssertRefused("symbolic link", _runtime.Places);
        Directory.Delete(Product);
        Directory.CreateDirectory(Product, RuntimeFolder.Mode0700);
        Directory.CreateSymbolicLink(_runtime.Names, elsewhere.Path);
        AssertRefused("symbolic link", _runtime.Places);
        AssertRefused("symbolic link", new(null, "/nowhere", _runtime.Names));
        Assert.Empty(elsewhere.Names);
    }

    [Fact]
    public void A_file_in_its_place_is_refused()
    {
        File.WriteAllText(Product, "no directory");
        AssertRefused("no directory", _runtime.Places);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead, "0740")]
    [InlineData(UnixFileMode.OtherWrite, "0702")]
    [InlineData(UnixFileMode.OtherExecute, "0701")]
    public void One_that_others_have_access_to_is_refused(UnixFileMode more, string mode)
    {
        Directory.CreateDirectory(Product);
        File.SetUnixFileMode(Product, RuntimeFolder.Mode0700 | more);
        AssertRefused(mode, _runtime.Places);
    }

    [Fact]
    public void A_runtime_directory_that_others_may_write_in_is_refused()
    {
        File.SetUnixFileMode(_runtime.Path, RuntimeFolder.Mode0700 | UnixFileMode.GroupWrite);
        AssertRefused("0720", _runtime.Places);
        Assert.False(Directory.Exists(Product));
    }

    [SkippableFact]
    public void One_of_another_user_is_refused()
    {
        Machine.NeedRoot();
        Directory.CreateDirectory(Product, RuntimeFolder.Mode0700);
        Tool.RunChecked("chown", "12345", Product);
        AssertRefused("belongs to user 12345", _runtime.Places);
        AssertRefused("belongs to user 12345", new(null, "/nowhere", Product));
    }

    [SkippableFact]
    public void A_runtime_directory_of_another_user_is_passed_over()
    {
        Machine.NeedRoot();
        Tool.RunChecked("chown", "12345", _runtime.Path);
        using TempDirectory other = new();
        RegistryDirectory.Open(new(_runtime.Path, "/nowhere", other["fallback"])).Dispose();
        Assert.Equal(["fallback"], other.Names);
        Assert.False(Directory.Exists(Product));
    }

    public void Dispose() => _runtime.Dispose();

    private static void AssertRefused(string reason, RuntimePlaces places)
    {
        MemToolsException e = Assert.Throws<MemToolsException>(() => RegistryDirectory.Open(places));
        Assert.Equal(ErrorKind.PermissionDenied, e.Kind);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }
}
