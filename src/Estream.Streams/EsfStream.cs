using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams;

/// <summary>Begins the description of a pipeline; see <see cref="EsfStream{T}"/>.</summary>
public static class EsfStream
{
    /// <summary>The messages of one schema in a queue, in their order; those of others are passed.</summary>
    /// <typeparam name="TView">The generated view, such as <c>IoTTelemetry.View</c>.</typeparam>
    /// <param name="queue">The queue; it stays the caller's to dispose, after the pipeline.</param>
    public static EsfStream<TView> From<TView>(EstreamQueue queue)
        where TView : struct, IEsfView<TView>, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(queue);
        return new EsfStream<TView>(queue, first => new QueueSource<TView, ViewEvents<TView>>(default, first));
    }
}
