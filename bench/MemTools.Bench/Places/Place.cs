using System.Runtime.InteropServices;

namespace MemTools.Bench.Places;

/// <summary>A directory of a file system on which to measure, removed at the end.</summary>
internal abstract partial class Place : IDisposable
{
    protected Place(string name, string directory)
    {
        Name = name;
        Directory = directory;
    }

    /// <summary>What it is called in tables.</summary>
    internal string Name { get; }

    internal string Directory { get; }

    internal string PathOf(string name) => Path.Combine(Directory, name);

    /// <summary>The places that this user can have.</summary>
    /// <param name="bytes">How much each has to hold.</param>
    /// <param name="skipped">Told in a sentence of each that cannot be had.</param>
    internal static IEnumerable<Place> Available(long bytes, Action<string> skipped)
    {
        yield return new TmpfsPlace();
        if (Environment.IsPrivilegedProcess)
            yield return new Ext4Image(bytes);
        else
            skipped("Not measured on ext4: mounting its image takes root.");
    }

    /// <summary>Puts on the disk what is not yet there, so that no run pays for the one before it.</summary>
    internal static void Settle() => Sync();

    public abstract void Dispose();

    [LibraryImport("libc", EntryPoint = "sync")]
    private static partial void Sync();
}
