namespace Estream.Marketplace.Trust.Log;

/// <summary>An entry of a log, with the proof that it is there.</summary>
/// <param name="Index">Where it is, from 0: in a log, this is time.</param>
/// <param name="Content">What was logged.</param>
/// <param name="Path">The proof of inclusion, hashes one behind the other.</param>
public sealed record LoggedEntry(long Index, ReadOnlyMemory<byte> Content, ReadOnlyMemory<byte> Path);
