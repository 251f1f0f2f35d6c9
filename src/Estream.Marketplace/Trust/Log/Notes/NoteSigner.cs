using System.Buffers.Binary;
using Estream.Core;
using Estream.Crypto;

namespace Estream.Marketplace.Trust.Log;

/// <summary>Signs checkpoints with one private key of a log or of a witness. As thread-safe as its key.</summary>
public sealed class NoteSigner
{
    private const long NanosPerSecond = 1_000_000_000;

    private readonly ISigner _signer;
    private readonly IClock _clock;

    /// <summary>Creates a signer.</summary>
    /// <param name="name">The name of the signer. A log uses its origin.</param>
    /// <param name="kind">The kind of signature.</param>
    /// <param name="signer">The private key, of the algorithm of <paramref name="kind"/>. Not disposed.</param>
    /// <param name="clock">The clock for the signing time, for kinds with a time.</param>
    /// <exception cref="ArgumentException">The name is not valid, or the key has another algorithm.</exception>
    public NoteSigner(string name, NoteKeyKind kind, ISigner signer, IClock clock)
    {
        ArgumentNullException.ThrowIfNull(signer);
        ArgumentNullException.ThrowIfNull(clock);
        (Key, _signer, _clock) = (NoteKey.Create(name, kind, signer.Verifier), signer, clock);
    }

    /// <summary>The public key that verifies the signatures.</summary>
    public NoteKey Key { get; }

    /// <summary>Signs a checkpoint.</summary>
    /// <param name="checkpoint">The checkpoint to sign.</param>
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
