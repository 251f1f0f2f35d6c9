namespace Estream.Witness.Internal;

/// <summary>What a key holds.</summary>
internal sealed record PinnedEntry(long Version, long ExpiresAt, byte[] Value);
