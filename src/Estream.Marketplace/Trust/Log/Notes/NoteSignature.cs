namespace Estream.Marketplace.Trust.Log;

/// <summary>One signature of a note: who says they made it, and the bytes.</summary>
/// <param name="KeyName">Name of the key.</param>
/// <param name="KeyId">The short hash that tells keys of one name apart. No proof of anything.</param>
/// <param name="Signature">What stands behind the key id.</param>
public sealed record NoteSignature(string KeyName, uint KeyId, ReadOnlyMemory<byte> Signature);
