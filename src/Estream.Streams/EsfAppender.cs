using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Internal;

namespace Estream.Streams;

/// <summary>
/// Appends messages of one schema to a queue; each message is written in place in the log. An append costs no more than the claim and the
/// writer, and allocates nothing per message. Messages of a schema with private fields are always sealed on append; <see cref="EsfSealer"/>
/// documents the cost.
/// </summary>
/// <typeparam name="TWriter">The generated writer, such as <c>IoTTelemetry.Writer</c>.</typeparam>
/// <remarks>
/// Not thread-safe: use it on one thread at a time, like its appender, which may be exclusive or shared. To append messages of several
/// schemas through one appender, create an <see cref="EsfAppender{TWriter}"/> for each schema.
/// </remarks>
public sealed class EsfAppender<TWriter>
    where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
{
    private readonly QueueAppender _appender;
    private readonly SealingSpace? _space;
    private byte[] _signed = [];

    /// <summary>Creates a typed appender over a queue appender. The caller still disposes the queue appender.</summary>
    /// <param name="appender">The queue appender.</param>
    /// <param name="sealer">Seals the private fields of the schema; required if the schema has any. The caller still disposes the sealer,
    /// and nothing else may use it.</param>
    /// <param name="subLexes">
    /// The appenders of the queues that store the sub-lexes of the schema, by sub-lex name. The caller still disposes them, and none may
    /// have an open claim while a message is committed. Sub-lex values are appended before their message. A crash in between leaves the
    /// values without their message; appending the message again then stores the values a second time.
    /// </param>
    /// <exception cref="ArgumentException">The schema has private fields and <paramref name="sealer"/> is null or belongs to another
    /// schema, or a sub-lex has no appender.</exception>
    /// <exception cref="InvalidOperationException">The schema declares a pattern whose messages cannot be appended directly.</exception>
    public EsfAppender(QueueAppender appender, EsfSealer? sealer = null, IReadOnlyDictionary<string, QueueAppender>? subLexes = null)
    {
        ArgumentNullException.ThrowIfNull(appender);
        SchemaDeclarations.RequirePlain(TWriter.Schema);
        _appender = appender;
        _space = SealingSpace.For<TWriter>(sealer, null, subLexes, appender);
    }

    /// <summary>Reserves space for the longest message of the schema. Only one claim may be open; dispose it before the next
    /// call.</summary>
    /// <exception cref="ArgumentException">The longest message does not fit in the queue.</exception>
    /// <exception cref="InvalidOperationException">A claim is open, or the schema has no maximum length: use
    /// <see cref="Claim(int)"/>.</exception>
    /// <exception cref="ObjectDisposedException">The appender is disposed.</exception>
    /// <exception cref="EstreamStorageException">A new segment was needed and could not be created (disk full). Nothing was claimed; try
    /// again later.</exception>
    public EsfClaim<TWriter> Claim() => Claim(
        TWriter.MaxLength
            ?? throw new InvalidOperationException(
                $"A field of {TWriter.Schema} has no maximum length, so there is no longest message. Use Claim(maxLength)."));

    /// <summary>Reserves space for a message. Only one claim may be open; dispose it before the next call.</summary>
    /// <param name="maxLength">The maximum length of the plaintext message in bytes, header included. The commit may use fewer. The bytes
    /// that sealing adds are claimed as well.</param>
    /// <exception cref="ArgumentException"><paramref name="maxLength"/> is negative, or such a message does not fit in the
    /// queue.</exception>
    /// <exception cref="InvalidOperationException">A claim is open.</exception>
    /// <exception cref="ObjectDisposedException">The appender is disposed.</exception>
    /// <exception cref="EstreamStorageException">A new segment was needed and could not be created (disk full). Nothing was claimed; try
    /// again later.</exception>
    public EsfClaim<TWriter> Claim(int maxLength) =>
        new(_appender.Claim(_space is null || maxLength < 0 ? maxLength : _space.MaxSealedLength(maxLength)), _space, maxLength);

    /// <summary>
    /// Reserves space for several messages that become visible to readers all at once or not at all, even if this process crashes. Only one
    /// claim may be open; dispose it before the next call.
    /// </summary>
    /// <param name="maxBytes">The maximum total length of the plaintext messages in bytes, headers included.</param>
    /// <param name="maxMessages">The maximum number of messages, at least 1.</param>
    /// <exception cref="ArgumentException">A number is out of range, or such a batch does not fit in a segment.</exception>
    /// <exception cref="InvalidOperationException">A claim is open.</exception>
    /// <exception cref="ObjectDisposedException">The appender is disposed.</exception>
    /// <exception cref="EstreamStorageException">A new segment was needed and could not be created (disk full). Nothing was claimed; try
    /// again later.</exception>
    public EsfBatch<TWriter> ClaimBatch(int maxBytes, int maxMessages) =>
        new(_appender.ClaimBatch(SealedBytes(maxBytes, maxMessages), maxMessages), _space, maxBytes);

    /// <summary>Reserves space for the results of the messages that a tailer has read. The commit also marks these messages as consumed, so
    /// each has its results exactly once.</summary>
    /// <param name="maxBytes">The maximum total length of the plaintext messages in bytes, headers included.</param>
    /// <param name="maxMessages">The maximum number of messages, at least 1. A batch without messages can be committed as well.</param>
    /// <param name="consumed">A tailer created with <see cref="EstreamQueue.CreateTailer(string, EstreamQueue)"/> for the appender's
    /// queue.</param>
    /// <exception cref="ArgumentException">A number is out of range, such a batch does not fit in a segment, or the tailer is of another
    /// kind.</exception>
    /// <exception cref="InvalidOperationException">A claim is open.</exception>
    /// <exception cref="ObjectDisposedException">The appender is disposed.</exception>
    /// <exception cref="EstreamStorageException">A new segment was needed and could not be created (disk full). Nothing was claimed; try
    /// again later.</exception>
    public EsfBatch<TWriter> ClaimBatch(int maxBytes, int maxMessages, QueueTailer consumed) =>
        new(_appender.ClaimBatch(SealedBytes(maxBytes, maxMessages), maxMessages, consumed), _space, maxBytes);

    /// <summary>
    /// Seals and signs a message, and appends it. The signature field is added if it is not set. The message is signed before space is
    /// claimed, so a shared appender is not held during the signature. Allocates nothing in steady state. Costs one ML-DSA-87 signature;
    /// <see cref="EsfSignedBatch{TWriter}"/> signs several messages at a time.
    /// </summary>
    /// <param name="writer">A writer of the message, begun in a buffer of the caller, with every required field set except the signature.
    /// The message is copied.</param>
    /// <param name="signer">The ML-DSA-87 private key.</param>
    /// <returns>The position of the message.</returns>
    /// <exception cref="ArgumentException">A required field is not set, the schema does not have exactly one public <c>pq_signature</c>
    /// field outside objects, the key has another algorithm, or the message does not fit in the queue.</exception>
    /// <exception cref="InvalidOperationException">A claim is open, or the schema has a sub-lex: its values are stored apart, so the
    /// stored message cannot be signed.</exception>
    /// <exception cref="ObjectDisposedException">The appender or the key is disposed.</exception>
    /// <exception cref="EstreamStorageException">A new segment was needed and could not be created (disk full). Nothing was appended; try
    /// again later.</exception>
    public long AppendSigned(scoped in TWriter writer, ISigner signer)
    {
        int length = SignedMessage.Compose(writer, _space, ref _signed);
        Span<byte> message = _signed.AsSpan(0, length);
        SignedMessage.Require(EsfSignature.Sign(TWriter.Schema, message, signer), TWriter.Schema);
        return _appender.Append(message);
    }

    private int SealedBytes(int maxBytes, int maxMessages) =>
        _space is null || maxBytes < 0 || maxMessages < 0 ? maxBytes : _space.MaxSealedLength(maxBytes, maxMessages);
}
