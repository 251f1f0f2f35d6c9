using Estream.Esf;
using Estream.Queue;

namespace Estream.Streams;

/// <summary>How a queue is opened for the messages of certain schemas.</summary>
public static class EsfQueueOptions
{
    /// <summary>
    /// The same options, by which a queue keeps its messages for as long as their schemas say (<c>retention</c>): the longest of their
    /// times, and for ever where one says nothing. What <see cref="QueueOptions.RetainedAge"/> was before does not count.
    /// </summary>
    /// <param name="options">The options.</param>
    /// <param name="schemas">The schemas of all messages of the queue, such as <c>IoTTelemetry.Schema</c>.</param>
    public static QueueOptions RetainedAs(this QueueOptions options, params IEnumerable<EsfSchema> schemas)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options with { RetainedAge = EsfRetention.Longest(schemas) ?? TimeSpan.Zero };
    }
}
