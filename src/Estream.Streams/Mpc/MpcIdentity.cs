using Estream.Crypto;
using Estream.Streams.Mpc;

namespace Estream.Streams;

/// <summary>The identity of a program in the sessions of a transcript: all parties, and the private key of one of them.
/// Immutable.</summary>
public sealed class MpcIdentity
{
    private readonly byte[][] _keys;

    /// <summary>Creates an identity. The program is the party to which the private key belongs.</summary>
    /// <param name="parties">The parties of all sessions, in their order.</param>
    /// <param name="key">The private key. The caller disposes the key after the circuits that use it.</param>
    /// <exception cref="ArgumentException">The parties are not valid (<see cref="MpcSum.Start"/>), or the key belongs to none of
    /// them.</exception>
    public MpcIdentity(IReadOnlyList<MpcParty> parties, MlKem1024PrivateKey key)
    {
        ArgumentNullException.ThrowIfNull(parties);
        ArgumentNullException.ThrowIfNull(key);
        Parties = [.. parties];
        Key = key;
        _keys = MpcSum.KeysOf(Parties);
        byte[] own = new byte[MlKem1024.PublicKeyBytes];
        key.PublicKey.Export(own);
        Party = Array.FindIndex(_keys, other => other.AsSpan().SequenceEqual(own));
        if (Party < 0)
        {
            throw new ArgumentException(
                $"The private key belongs to none of the parties {string.Join(", ", parties.Select(party => party.Name))}. Use the key of "
                + "one of them, or correct their public keys.", nameof(key));
        }
    }

    /// <summary>The parties of all sessions, in their order.</summary>
    public IReadOnlyList<MpcParty> Parties { get; }

    /// <summary>The index of this program in <see cref="Parties"/>.</summary>
    public int Party { get; }

    internal MlKem1024PrivateKey Key { get; }

    /// <summary>Returns true if a session has these parties, with the same keys and in the same order.</summary>
    internal bool IsFor(MpcStart start) =>
        start.Keys.Count == _keys.Length && start.Keys.Zip(_keys).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
}
