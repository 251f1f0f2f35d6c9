namespace Estream.Wire.Fix.Internal;

/// <summary>How long, and with how much, a connection waits for a peer that does not take what is sent.</summary>
internal readonly record struct FixConnectionLimits(int WriteTimeoutSeconds, int MaxWaitingBytes);
