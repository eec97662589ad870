namespace MemTools.Bench.Places;

/// <summary>A directory in /dev/shm.</summary>
internal sealed class TmpfsPlace : Place
{
    internal TmpfsPlace()
        : base("tmpfs", System.IO.Directory.CreateDirectory($"/dev/shm/memtools-bench-{Environment.ProcessId}").FullName)
    {
    }

    public override void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);
}
