using Estream.Crypto.Internal.Keccak;

namespace Estream.Crypto;

/// <summary>Computes SHA3-256 (FIPS 202) of a message that arrives in pieces, such as a file. For messages in memory use
/// <see cref="Sha3Lanes"/>.</summary>
/// <remarks>Not thread-safe. Allocates about 250 bytes when created; appending allocates nothing. Does not wipe its state, so do not use it
/// for secrets.</remarks>
public sealed class Sha3Hasher
{
    private KeccakSponge _sponge = KeccakSponge.Sha3_256();

    /// <summary>Appends the next bytes of the message.</summary>
    /// <param name="data">The bytes; may be empty.</param>
    public void Append(ReadOnlySpan<byte> data) => _sponge.Absorb(data);

    /// <summary>Writes the hash of all appended bytes and starts a new message.</summary>
    /// <param name="hash">Receives the hash: exactly <see cref="Sha3Lanes.HashBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The span for the hash has the wrong length.</exception>
    public void GetHashAndReset(Span<byte> hash)
    {
        if (hash.Length != Sha3Lanes.HashBytes)
        {
            throw new ArgumentException($"The span has {hash.Length} bytes; a hash has {Sha3Lanes.HashBytes}.", nameof(hash));
        }

        _sponge.Squeeze(hash);
        _sponge = KeccakSponge.Sha3_256();
    }
}
