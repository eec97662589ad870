namespace MemTools.Memory;

/// <summary>In which order the pages of a mapping are touched.</summary>
public enum PagePattern
{
    /// <summary>Each page, upwards.</summary>
    Sequential,

    /// <summary>Each page once, in an order without pattern that is the same every time.</summary>
    Random,

    /// <summary>Every so many bytes, upwards.</summary>
    Stride,
}
