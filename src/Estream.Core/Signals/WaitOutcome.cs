namespace Estream.Core;

/// <summary>Why <see cref="MemoryRegion.WaitInt32"/> returned.</summary>
public enum WaitOutcome
{
    /// <summary>It was woken, or woke without a reason.</summary>
    Woken,

    /// <summary>The word was not the expected one.</summary>
    Changed,

    /// <summary>The timeout was reached.</summary>
    TimedOut,
}
