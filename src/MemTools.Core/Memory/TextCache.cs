using System.Text;

namespace MemTools.Memory;

/// <summary>Words that come again and again, each kept as one string.</summary>
internal sealed class TextCache
{
    /// <summary>More different words than there are of permissions, flags and devices in any process seen.</summary>
    private const int Capacity = 64;

    private readonly List<(byte[] Bytes, string Text)> _known = [];

    internal string Get(ReadOnlySpan<byte> word)
    {
        for (int i = 0; i < _known.Count; i++)
        {
            if (word.SequenceEqual(_known[i].Bytes))
                return _known[i].Text;
        }

        string text = Encoding.UTF8.GetString(word);
        if (_known.Count < Capacity)
            _known.Add((word.ToArray(), text));
        return text;
    }
}
