namespace Estream.Marketplace.Trust.Dsse;

/// <summary>One signature of an envelope, not verified.</summary>
/// <param name="KeyId">Whose it is said to be: a hint that saves tries, never a proof.</param>
/// <param name="Bytes">The signature.</param>
public sealed record DsseSignature(string KeyId, ReadOnlyMemory<byte> Bytes);
