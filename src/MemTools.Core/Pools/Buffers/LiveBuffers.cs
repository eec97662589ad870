using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>Buffers and composites that have not been disposed.</summary>
internal static class LiveBuffers
{
    internal const string Noun = "native buffer";

    private static readonly LiveObjects<ILiveBuffer> Live = new(Noun);

    internal static IReadOnlyList<INativeBuffer> All() => Live.All();

    internal static T Add<T>(string wish, Func<string, T> make)
        where T : ILiveBuffer => (T)Live.Add(wish, name => make(name));

    internal static void Remove(ILiveBuffer buffer) => Live.Remove(buffer);
}

/// <summary>A buffer as the list of live objects wants it.</summary>
internal interface ILiveBuffer : INativeBuffer, ILiveObject;
