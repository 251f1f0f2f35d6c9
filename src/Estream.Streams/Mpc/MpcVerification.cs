namespace Estream.Streams;

/// <summary>What the transcript of a session shows to anybody who reads it.</summary>
/// <param name="State">How far it is.</param>
/// <param name="Total">The sum of the inputs, modulo <see cref="MpcSum.Modulus"/>, when it is done; else 0.</param>
/// <param name="Digest">SHA-256 over the start and all complete rounds, each chained to the one before: 64 hexadecimal digits. Parties that
/// have the same saw the same.</param>
/// <param name="Abort">Why there is no total; <see langword="null"/> unless it was aborted.</param>
public sealed record MpcVerification(MpcState State, ulong Total, string Digest, MpcAbort? Abort);
