using System.Buffers.Binary;
using Estream.Core;
using Estream.Crypto;

namespace Estream.Marketplace.Trust.Log;

/// <summary>Signs checkpoints with one private key: that of a log, or that of a witness. Thread-safe, as its key is.</summary>
public sealed class NoteSigner
{
    private const long NanosPerSecond = 1_000_000_000;

    private readonly ISigner _signer;
    private readonly IClock _clock;

    /// <summary>Signs with a key.</summary>
    /// <param name="name">Who signs. A log signs with its origin.</param>
    /// <param name="kind">How.</param>
    /// <param name="signer">The private key, of the kind's algorithm. Stays the caller's to dispose.</param>
    /// <param name="clock">Says when a signature was made, for the kinds that say it.</param>
    /// <exception cref="ArgumentException">The name has another form, or the key is of another algorithm.</exception>
    public NoteSigner(string name, NoteKeyKind kind, ISigner signer, IClock clock)
    {
        ArgumentNullException.ThrowIfNull(signer);
        ArgumentNullException.ThrowIfNull(clock);
        (Key, _signer, _clock) = (NoteKey.Create(name, kind, signer.Verifier), signer, clock);
    }

    /// <summary>What others check the signatures with.</summary>
    public NoteKey Key { get; }

    /// <summary>Signs a checkpoint.</summary>
    /// <param name="checkpoint">What is signed.</param>
    public NoteSignature Sign(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        if (Key.Kind == NoteKeyKind.Ed25519)
        {
            byte[] plain = new byte[_signer.SignatureSize];
            _signer.Sign(checkpoint.Encode(), [], plain);
            return new NoteSignature(Key.Name, Key.KeyId, plain);
        }

        long time = _clock.UtcNanos / NanosPerSecond;
        byte[] timed = new byte[sizeof(long) + _signer.SignatureSize];
        BinaryPrimitives.WriteInt64BigEndian(timed, time);
        _signer.Sign(CosignedMessage.Of(Key.Kind, Key.Name, time, checkpoint), NoteKey.ContextOf(Key.Kind), timed.AsSpan(sizeof(long)));
        return new NoteSignature(Key.Name, Key.KeyId, timed);
    }
}
