using Estream.Crypto;
using Estream.Esf;
using Estream.Queue;

namespace Estream.Streams;

/// <summary>A message of a schema in place in the log (no copy). Valid until the tailer that returned it reads on, seeks or is
/// disposed.</summary>
/// <typeparam name="TView">The generated view.</typeparam>
public readonly ref struct EsfMessage<TView>
    where TView : struct, IEsfView<TView>, allows ref struct
{
    private readonly QueueMessage _message;

    internal EsfMessage(TView view, QueueMessage message)
    {
        View = view;
        _message = message;
    }

    /// <summary>The fields of the message. Reading a field that refers to bytes outside the message throws.</summary>
    public TView View { get; }

    /// <inheritdoc cref="QueueMessage.Position"/>
    public long Position => _message.Position;

    /// <inheritdoc cref="QueueMessage.Sequence"/>
    public long Sequence => _message.Sequence;

    /// <inheritdoc cref="QueueMessage.Time"/>
    public long Time => _message.Time;

    /// <summary>Verifies the signature of the stored message, also if <see cref="View"/> is unsealed. Allocates nothing in steady
    /// state.</summary>
    /// <param name="key">The expected ML-DSA-87 public key of the sender.</param>
    /// <returns>True if the private key of <paramref name="key"/> signed exactly these bytes.</returns>
    /// <exception cref="ArgumentException">The schema does not have exactly one public <c>pq_signature</c> field outside objects, or the
    /// key has another algorithm.</exception>
    public bool VerifySignature(IVerifier key) => EsfSignature.Verify(TView.Schema, _message.Payload, key);

    /// <summary>Verifies the signature of the stored message with the keys that were trusted when it was appended.</summary>
    /// <param name="keys">The trusted keys.</param>
    /// <exception cref="ArgumentException">The schema does not have exactly one public <c>pq_signature</c> field outside
    /// objects.</exception>
    public EsfSignatureCheck CheckSignature(EsfTrustedKeys keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return keys.Check(TView.Schema, _message.Payload, _message.Time);
    }
}
