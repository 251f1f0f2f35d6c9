using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Internal;
using Estream.Streams.Log;

namespace Estream.Streams.Operators;

/// <summary>
/// The end of a pipeline that writes to a queue: appends several results in one batch that also commits the input position, so either both
/// are stored or neither is. Sub-lex values are appended before the batch, and again after a crash in between.
/// </summary>
internal sealed class QueueEnd<T> : PipelineEnd
    where T : allows ref struct
{
    private const long NoMessage = -1;

    private readonly EstreamQueue _output;
    private readonly Dictionary<string, QueueAppender> _subLexes = [];
    private readonly SealingSpace? _space;
    private readonly MessageBuffer<T> _messages;
    private readonly QueueAppender _appender;
    private ResultCount _results;

    // The position of the source message that yielded the last results.
    private long _begun = NoMessage;

    /// <param name="output">The output queue.</param>
    /// <param name="schema">The schema of the messages.</param>
    /// <param name="sealer">Seals the messages if the schema has private fields.</param>
    /// <param name="subLexes">The queues of the schema's sub-lexes.</param>
    /// <param name="make">Creates the message maker, with the space in which to seal messages.</param>
    /// <param name="routes">The maximum number of results from one source message.</param>
    /// <exception cref="ArgumentException">The results of one source message do not fit in the queue.</exception>
    public QueueEnd(EstreamQueue output, EsfSchema schema, EsfSealer? sealer, IReadOnlyDictionary<string, EstreamQueue>? subLexes,
        Func<SealingSpace?, MessageMaker<T>> make, int routes = 1)
    {
        _output = output;
        _appender = output.CreateAppender();
        try
        {
            foreach ((string name, EstreamQueue queue) in subLexes ?? new Dictionary<string, EstreamQueue>())
            {
                _subLexes.Add(name, queue == output ? _appender : queue.CreateAppender());
            }

            _space = SealingSpace.For(schema, sealer, null, _subLexes, _appender);
            _messages = new MessageBuffer<T>(output, make(_space), routes);
        }
        catch
        {
            DisposeAppenders();
            throw;
        }
    }

    /// <summary>Seals the output queue, which is a log; null for other queues. Disposed with the pipeline.</summary>
    public LogSealer? Sealer { get; init; }

    public override ResultCount Results => _results;

    public override long BufferBytes => _messages.Capacity;

    public override bool IsHolding => _messages.Count > 0;

    public override QueueTailer OpenTailer(EstreamQueue queue, string name) => queue.CreateTailer(name, _output);

    /// <summary>Writes the message of an event.</summary>
    /// <param name="item">The event.</param>
    /// <param name="message">The source message of the event; it may have other events.</param>
    public void Write(scoped in T item, scoped in QueueMessage message)
    {
        if (message.Position != _begun)
        {
            _begun = message.Position;
            _messages.Mark();
        }

        _messages.Keep(_messages.Write(in item).Length);
        IsFull = _messages.IsFull;
    }

    /// <inheritdoc/>
    public override bool Refuse(QueueTailer tailer, long position)
    {
        // The message is read again and takes all its routes again, so the results of its earlier routes are discarded.
        if (position == _begun)
        {
            _messages.TruncateToMark();
            _begun = NoMessage;
            IsFull = _messages.IsFull;
        }

        return base.Refuse(tailer, position);
    }

    public override void Commit(QueueTailer tailer)
    {
        _space?.AppendParts();
        using (BatchClaim batch = _appender.ClaimBatch(Math.Max(_messages.Bytes, 1), Math.Max(_messages.Count, 1), tailer))
        {
            _messages.CopyTo(in batch);
            batch.Commit();
        }

        int count = _messages.Count;
        _results = _results.And(count, _messages.Bytes);
        Forget();
        Sealer?.Count(count);
    }

    public override void StartOver(QueueTailer tailer) =>
        throw new NotSupportedException(
            $"The results in '{_output.Directory}' cannot be discarded. Open the pipeline under another name, or with another "
            + "output.");

    public override void Dispose()
    {
        Forget();
        DisposeAppenders();
        base.Dispose();
    }

    private void DisposeAppenders()
    {
        _appender.Dispose();
        foreach (QueueAppender appender in _subLexes.Values)
        {
            appender.Dispose();
        }
    }

    private void Forget()
    {
        _messages.Clear();
        _space?.ForgetParts();
        _begun = NoMessage;
        IsFull = false;
    }
}
