namespace Estream.Core;

/// <summary>Why <see cref="MemoryRegion.WaitInt32"/> returned.</summary>
public enum WaitOutcome
{
    /// <summary>The thread was woken, or woke without a reason.</summary>
    Woken,

    /// <summary>The word did not have the expected value.</summary>
    Changed,

    /// <summary>The timeout was reached.</summary>
    TimedOut,
}
