using Estream.Esf;
using Estream.Queue;

namespace Estream.Streams;

/// <summary>Sets queue options to match the schemas of the queue's messages.</summary>
public static class EsfQueueOptions
{
    /// <summary>
    /// Returns a copy of the options that retains messages as long as their schemas require (<c>retention</c>): the longest of their
    /// retention times, or forever if one of the schemas states no retention. Replaces the previous <see cref="QueueOptions.RetainedAge"/>.
    /// </summary>
    /// <param name="options">The options.</param>
    /// <param name="schemas">The schemas of all messages of the queue, such as <c>IoTTelemetry.Schema</c>.</param>
    public static QueueOptions RetainedAs(this QueueOptions options, params IEnumerable<EsfSchema> schemas)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options with { RetainedAge = EsfRetention.Longest(schemas) ?? TimeSpan.Zero };
    }
}
