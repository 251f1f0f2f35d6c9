using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Internal;

namespace Estream.Streams;

/// <summary>
/// Appends messages of one schema to a queue, each written in place in the log. Costs what the claim and the writer cost; allocates nothing
/// for each message. Messages of a schema with private fields are sealed on their way in, always; that takes what <see cref="EsfSealer"/>
/// says.
/// </summary>
/// <typeparam name="TWriter">The generated writer, such as <c>IoTTelemetry.Writer</c>.</typeparam>
/// <remarks>
/// One thread at a time, as its appender, which may be exclusive or shared. Messages of several schemas go through one appender with an
/// <see cref="EsfAppender{TWriter}"/> for each.
/// </remarks>
public sealed class EsfAppender<TWriter>
    where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
{
    private readonly QueueAppender _appender;
    private readonly SealingSpace? _space;

    /// <summary>Appends through an appender, which stays the caller's to dispose.</summary>
    /// <param name="appender">The appender.</param>
    /// <param name="sealer">Seals the private fields of the schema, where it has some; stays the caller's to dispose, and is this
    /// appender's alone to use.</param>
    /// <param name="subLexes">
    /// The appenders of the queues that the sub-lexes of the schema are kept in, by their names; they stay the caller's to dispose, and
    /// none has a claim open while a message is committed. The values are appended before their message: after a kill in between they are
    /// there without it, and twice when it is appended again.
    /// </param>
    /// <exception cref="ArgumentException">The schema has private fields and there is no sealer, or the sealer is of another schema; or a
    /// sub-lex has no appender.</exception>
    /// <exception cref="InvalidOperationException">The schema declares a pattern whose messages are not appended as they are.</exception>
    public EsfAppender(QueueAppender appender, EsfSealer? sealer = null, IReadOnlyDictionary<string, QueueAppender>? subLexes = null)
    {
        ArgumentNullException.ThrowIfNull(appender);
        SchemaDeclarations.RequirePlain(TWriter.Schema);
        _appender = appender;
        _space = SealingSpace.For<TWriter>(sealer, null, subLexes, appender);
    }

    /// <summary>Reserves space for the longest message of the schema. One claim at a time; dispose it before the next call.</summary>
    /// <exception cref="ArgumentException">The longest message does not fit in the queue.</exception>
    /// <exception cref="InvalidOperationException">A claim is open, or the schema has no longest message: say how long it may
    /// be.</exception>
    /// <exception cref="ObjectDisposedException">The appender is disposed.</exception>
    /// <exception cref="EstreamStorageException">A new segment was needed and could not be made (disk full). Nothing was claimed; try again
    /// later.</exception>
    public EsfClaim<TWriter> Claim() => Claim(
        TWriter.MaxLength
            ?? throw new InvalidOperationException(
                $"A field of {TWriter.Schema} has no limit, so it has no longest message. Use Claim(maxLength)."));

    /// <summary>Reserves space for a message. One claim at a time; dispose it before the next call.</summary>
    /// <param name="maxLength">The most bytes it may have in clear, header included; the commit may take fewer. What sealing adds is
    /// claimed with it.</param>
    /// <exception cref="ArgumentException">It is negative or such a message does not fit in the queue.</exception>
    /// <exception cref="InvalidOperationException">A claim is open.</exception>
    /// <exception cref="ObjectDisposedException">The appender is disposed.</exception>
    /// <exception cref="EstreamStorageException">A new segment was needed and could not be made (disk full). Nothing was claimed; try again
    /// later.</exception>
    public EsfClaim<TWriter> Claim(int maxLength) =>
        new(_appender.Claim(_space is null || maxLength < 0 ? maxLength : _space.MaxSealedLength(maxLength)), _space, maxLength);

    /// <summary>
    /// Reserves space for several messages that readers see together or not at all, also when this process dies on the way. One claim at a
    /// time; dispose it before the next call.
    /// </summary>
    /// <param name="maxBytes">The most bytes the messages may have together in clear, headers included.</param>
    /// <param name="maxMessages">The most messages there may be, at least 1.</param>
    /// <exception cref="ArgumentException">A number is out of range, or such a batch does not fit in a segment.</exception>
    /// <exception cref="InvalidOperationException">A claim is open.</exception>
    /// <exception cref="ObjectDisposedException">The appender is disposed.</exception>
    /// <exception cref="EstreamStorageException">A new segment was needed and could not be made (disk full). Nothing was claimed; try again
    /// later.</exception>
    public EsfBatch<TWriter> ClaimBatch(int maxBytes, int maxMessages) =>
        new(_appender.ClaimBatch(SealedBytes(maxBytes, maxMessages), maxMessages), _space, maxBytes);

    /// <summary>The same for the output of what a tailer has read: with the commit, its messages count as consumed, exactly once.</summary>
    /// <param name="maxBytes">The most bytes the messages may have together in clear, headers included.</param>
    /// <param name="maxMessages">The most messages there may be, at least 1. A batch without messages can be committed as well.</param>
    /// <param name="consumed">A tailer made with <see cref="EstreamQueue.CreateTailer(string, EstreamQueue)"/> for the appender's
    /// queue.</param>
    /// <exception cref="ArgumentException">A number is out of range, such a batch does not fit in a segment, or the tailer is another
    /// kind.</exception>
    /// <exception cref="InvalidOperationException">A claim is open.</exception>
    /// <exception cref="ObjectDisposedException">The appender is disposed.</exception>
    /// <exception cref="EstreamStorageException">A new segment was needed and could not be made (disk full). Nothing was claimed; try again
    /// later.</exception>
    public EsfBatch<TWriter> ClaimBatch(int maxBytes, int maxMessages, QueueTailer consumed) =>
        new(_appender.ClaimBatch(SealedBytes(maxBytes, maxMessages), maxMessages, consumed), _space, maxBytes);

    private int SealedBytes(int maxBytes, int maxMessages) =>
        _space is null || maxBytes < 0 || maxMessages < 0 ? maxBytes : _space.MaxSealedLength(maxBytes, maxMessages);
}
