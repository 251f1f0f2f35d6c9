namespace Estream.Core;

/// <summary>Why <see cref="MemoryRegion.WaitInt32"/> returned.</summary>
public enum WaitOutcome
{
    /// <summary>Somebody woke it, or it woke by itself.</summary>
    Woken,

    /// <summary>The word was not the expected one.</summary>
    Changed,

    /// <summary>The time was over.</summary>
    TimedOut,
}
