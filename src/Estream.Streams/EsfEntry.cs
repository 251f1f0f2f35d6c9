using Estream.Crypto;
using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Internal;

namespace Estream.Streams;

/// <summary>
/// A message of a schema in place in the log (no copy), in a form that may be kept across an <c>await</c>. Valid until the next message is
/// requested, or the tailer seeks or is disposed; after that, reading its fields throws.
/// </summary>
/// <typeparam name="TView">The generated view.</typeparam>
public readonly struct EsfEntry<TView>
    where TView : struct, IEsfView<TView>, allows ref struct
{
    private readonly QueueEntry _entry;

    private readonly EsfUnsealer? _reader;

    internal EsfEntry(QueueEntry entry, EsfUnsealer? reader)
    {
        _entry = entry;
        _reader = reader;
    }

    /// <summary>The fields of the message. Get the view again after each <c>await</c>. Costs a few nanoseconds; with an unsealer, each call
    /// unseals the message again.</summary>
    /// <exception cref="InvalidOperationException">The tailer has moved on, so the bytes may be gone.</exception>
    public TView View => UnsealedMessage.TryView(_reader, null, _entry.Payload, _entry.Position, out TView view) ? view : default;

    /// <inheritdoc cref="QueueMessage.Position"/>
    public long Position => _entry.Position;

    /// <inheritdoc cref="QueueMessage.Sequence"/>
    public long Sequence => _entry.Sequence;

    /// <inheritdoc cref="QueueMessage.Time"/>
    public long Time => _entry.Time;

    /// <summary>Verifies the signature of the stored message, also if <see cref="View"/> is unsealed. Allocates nothing in steady
    /// state.</summary>
    /// <param name="key">The expected ML-DSA-87 public key of the sender.</param>
    /// <returns>True if the private key of <paramref name="key"/> signed exactly these bytes.</returns>
    /// <exception cref="ArgumentException">The schema does not have exactly one public <c>pq_signature</c> field outside objects, or the
    /// key has another algorithm.</exception>
    /// <exception cref="InvalidOperationException">The tailer has moved on, so the bytes may be gone.</exception>
    public bool VerifySignature(IVerifier key) => EsfSignature.Verify(TView.Schema, _entry.Payload, key);

    /// <summary>Verifies the signature of the stored message with the keys that were trusted when it was appended.</summary>
    /// <param name="keys">The trusted keys.</param>
    /// <exception cref="ArgumentException">The schema does not have exactly one public <c>pq_signature</c> field outside
    /// objects.</exception>
    /// <exception cref="InvalidOperationException">The tailer has moved on, so the bytes may be gone.</exception>
    public EsfSignatureCheck CheckSignature(EsfTrustedKeys keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return keys.Check(TView.Schema, _entry.Payload, _entry.Time);
    }
}
