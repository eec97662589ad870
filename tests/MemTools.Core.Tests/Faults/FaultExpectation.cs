namespace MemTools.Tests.Faults;

/// <summary>What a copy owes its user when one of its calls fails for good, as with EIO.</summary>
internal enum FaultExpectation
{
    /// <summary>An error that names call and errno, and the destination as it was.</summary>
    Fails,

    /// <summary>The copy had taken its place: an error, and the destination new.</summary>
    FailsAfterwards,

    /// <summary>The bytes are right, and a warning names call and errno.</summary>
    Warns,

    /// <summary>The call was advice, or there is another way: the bytes are right.</summary>
    Copes,
}
