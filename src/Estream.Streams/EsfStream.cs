using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Internal;
using Estream.Streams.Operators;

namespace Estream.Streams;

/// <summary>Starts the description of a pipeline; see <see cref="EsfStream{T}"/>.</summary>
public static class EsfStream
{
    /// <summary>Returns a stream of the messages of one schema in a queue, in order. Messages of other schemas are skipped.</summary>
    /// <typeparam name="TView">The generated view, such as <c>IoTTelemetry.View</c>.</typeparam>
    /// <param name="queue">The queue. The caller still disposes it, after the pipeline.</param>
    /// <param name="filter">Selects messages by lattice and address; the rest are skipped. It must select the same messages after a crash.
    /// No filter by default.</param>
    /// <exception cref="ArgumentException">The filter matches no message of the schema.</exception>
    /// <exception cref="InvalidOperationException">The schema declares a pattern whose messages cannot be read directly.</exception>
    public static EsfStream<TView> From<TView>(EstreamQueue queue, EsfMessageFilter? filter = null)
        where TView : struct, IEsfView<TView>, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(queue);
        SchemaDeclarations.RequirePlain(TView.Schema);
        UnsealedMessage.Require<TView>(filter);
        return filter is null
            ? new EsfStream<TView>(queue, first => new QueueSource<TView, ViewEvents<TView>>(default, first))
            : new EsfStream<TView>(queue,
                first => new QueueSource<TView, UnsealedEvents<TView>>(new UnsealedEvents<TView>(null, filter), first));
    }

    /// <summary>Returns a stream of the unsealed messages of one schema in a queue. An unsealer for certain audiences reads only the
    /// messages for them.</summary>
    /// <typeparam name="TView">The generated view.</typeparam>
    /// <param name="queue">The queue. The caller still disposes it, after the pipeline.</param>
    /// <param name="reader">Unseals the messages. Only one pipeline at a time, and nothing else, may use it. The caller still disposes it,
    /// after the pipeline.</param>
    /// <param name="filter">Selects messages by lattice and address. Messages that the filter skips are not unsealed. It must select the
    /// same messages after a crash.</param>
    /// <exception cref="ArgumentException">The unsealer belongs to another schema, or the filter matches no message of the
    /// schema.</exception>
    /// <exception cref="InvalidOperationException">The schema declares a pattern whose messages cannot be read directly.</exception>
    /// <remarks>After a crash, messages are unsealed again. Keep the same keys, or the pipeline may produce different results. A message
    /// with a withheld value cannot be appended elsewhere unchanged, because it cannot be sealed again. Write a new message from its
    /// visible fields instead, or read the messages without an unsealer.</remarks>
    public static EsfStream<TView> From<TView>(EstreamQueue queue, EsfUnsealer reader, EsfMessageFilter? filter = null)
        where TView : struct, IEsfView<TView>, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(queue);
        SchemaDeclarations.RequirePlain(TView.Schema);
        UnsealedMessage.Require<TView>(reader);
        UnsealedMessage.Require<TView>(filter);
        return new EsfStream<TView>(queue,
            first => new QueueSource<TView, UnsealedEvents<TView>>(new UnsealedEvents<TView>(reader, filter), first));
    }
}
