using Estream.Crypto.Internal.Keccak;

namespace Estream.Crypto;

/// <summary>SHA3-256 (FIPS 202) of one message that comes in pieces, such as a file. <see cref="Sha3Lanes"/> hashes messages that lie in
/// memory.</summary>
/// <remarks>One thread at a time. Some 250 bytes, taken when it is made; appending allocates nothing. What was hashed is not wiped, so it
/// is not for secrets.</remarks>
public sealed class Sha3Hasher
{
    private KeccakSponge _sponge = KeccakSponge.Sha3_256();

    /// <summary>Takes the next bytes of the message.</summary>
    /// <param name="data">Any number of them.</param>
    public void Append(ReadOnlySpan<byte> data) => _sponge.Absorb(data);

    /// <summary>Gives the hash of all that was appended, and begins another message.</summary>
    /// <param name="hash">Becomes the hash, exactly <see cref="Sha3Lanes.HashBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The hash has another length.</exception>
    public void GetHashAndReset(Span<byte> hash)
    {
        if (hash.Length != Sha3Lanes.HashBytes)
        {
            throw new ArgumentException($"There is room for {hash.Length} bytes; a hash has {Sha3Lanes.HashBytes}.", nameof(hash));
        }

        _sponge.Squeeze(hash);
        _sponge = KeccakSponge.Sha3_256();
    }
}
