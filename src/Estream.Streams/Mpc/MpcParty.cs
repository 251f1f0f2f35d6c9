using Estream.Crypto;

namespace Estream.Streams;

/// <summary>Somebody who takes part in a session.</summary>
/// <param name="Name">For people: at most 64 bytes of UTF-8.</param>
/// <param name="Key">The public key by which others tell it what nobody else may know. That it is this party's is for all to make sure of
/// before the session.</param>
public sealed record MpcParty(string Name, MlKem1024PublicKey Key);
