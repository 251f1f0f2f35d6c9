using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Internal;
using Estream.Streams.Operators;

namespace Estream.Streams;

/// <summary>Begins the description of a pipeline; see <see cref="EsfStream{T}"/>.</summary>
public static class EsfStream
{
    /// <summary>The messages of one schema in a queue, in their order; those of others are passed.</summary>
    /// <typeparam name="TView">The generated view, such as <c>IoTTelemetry.View</c>.</typeparam>
    /// <param name="queue">The queue; it stays the caller's to dispose, after the pipeline.</param>
    /// <param name="filter">Chooses messages by lattice and address; the others are passed. After a kill it has to choose the same. None by
    /// default.</param>
    /// <exception cref="ArgumentException">The filter chooses no message of the schema.</exception>
    /// <exception cref="InvalidOperationException">The schema declares a pattern whose messages are not read as they are.</exception>
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

    /// <summary>The messages of one schema in a queue, opened; where the reader is for certain audiences, those alone that are for
    /// them.</summary>
    /// <typeparam name="TView">The generated view.</typeparam>
    /// <param name="queue">As for messages as they lie there.</param>
    /// <param name="reader">Opens them, for one pipeline at a time and nothing else meanwhile. It stays the caller's to dispose, after the
    /// pipeline.</param>
    /// <param name="filter">As for messages as they lie there. What it leaves out is not opened.</param>
    /// <exception cref="ArgumentException">The reader is of another schema, or the filter chooses no message of it.</exception>
    /// <exception cref="InvalidOperationException">As for messages as they lie there.</exception>
    /// <remarks>After a kill messages are opened again: with the same keys, or the pipeline may make other results of them. A message of
    /// which a value is withheld cannot be appended elsewhere as it is, since nobody can seal it again: have what can be seen of it
    /// written, or take the messages as they lie there.</remarks>
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
