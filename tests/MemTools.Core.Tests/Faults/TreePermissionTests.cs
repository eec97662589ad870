using MemTools.Tests.Support;

namespace MemTools.Tests.Faults;

/// <summary>Trees of which a user without privileges may not read all.</summary>
public sealed class TreePermissionTests
{
    [SkippableFact]
    public void WhatCannotBeReadIsOneErrorEachAndTheRestIsCopied()
    {
        using OtherUser user = new();
        string into = user.MakeFolder("into", $"{OtherUser.Id}", "755");
        user.MakeFolder("tree", $"{OtherUser.Id}", "755");
        user.MakeFolder("tree/a", $"{OtherUser.Id}", "755");
        user.MakeFolder("tree/locked", "0", "755");
        user.MakeFolder("tree/z", $"{OtherUser.Id}", "755");
        user.Write("tree/a/file", $"{OtherUser.Id}", "644");
        user.Write("tree/a/secret", "0", "600");
        user.Write("tree/locked/file", "0", "644");
        OtherUser.Own(user.Folder["tree/locked"], "0", "700");
        user.Write("tree/z/file", $"{OtherUser.Id}", "644");
        ProcessResult result = user.Copy("-r", user.Folder["tree"], into);
        Assert.Equal(1, result.ExitCode);
        ProcessReport[] reports = ProcessReport.AllOf(result);
        Assert.Equal(
            [user.Folder["tree/a/secret"], user.Folder["tree/locked"]],
            reports.Where(report => report.Status == "Failed").Select(report => report.Text("Source")).Order(StringComparer.Ordinal));
        Assert.All(reports.Where(report => report.Status == "Failed"), report => Assert.Equal("PermissionDenied", report.ErrorId));
        Assert.True(File.Exists(Path.Combine(into, "tree/a/file")));
        Assert.True(File.Exists(Path.Combine(into, "tree/z/file")));
    }

    [SkippableFact]
    public void ReadOnlyDirectoriesAreFilledAndReadOnlyThen()
    {
        using OtherUser user = new();
        string into = user.MakeFolder("into", $"{OtherUser.Id}", "755");
        user.MakeFolder("tree", $"{OtherUser.Id}", "755");
        user.MakeFolder("tree/inner", $"{OtherUser.Id}", "755");
        user.Write("tree/inner/file", $"{OtherUser.Id}", "444");
        OtherUser.Own(user.Folder["tree/inner"], $"{OtherUser.Id}", "555");
        OtherUser.Own(user.Folder["tree"], $"{OtherUser.Id}", "555");
        ProcessResult result = user.Copy("-r", user.Folder["tree"], into);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal("555", ProcessFolder.Stat(Path.Combine(into, "tree"), "%a"));
        Assert.Equal("555", ProcessFolder.Stat(Path.Combine(into, "tree/inner"), "%a"));
        Assert.Equal("444", ProcessFolder.Stat(Path.Combine(into, "tree/inner/file"), "%a"));
    }
}
