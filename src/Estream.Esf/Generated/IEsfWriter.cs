namespace Estream.Esf;

/// <summary>What every generated writer of a message offers to code that is generic over messages. Not meant to be implemented by
/// hand.</summary>
/// <typeparam name="TSelf">The writer itself, such as <c>IoTTelemetry.Writer</c>.</typeparam>
public interface IEsfWriter<TSelf>
    where TSelf : struct, IEsfWriter<TSelf>, allows ref struct
{
    /// <summary>The schema of the messages. Prepared at first use, thread-safe.</summary>
    static abstract EsfSchema Schema { get; }

    /// <summary>Bytes of the longest message; null where a field of the schema has no limit.</summary>
    static abstract int? MaxLength { get; }

    /// <summary>Starts a message at the beginning of a span; what is not set stays absent or zero.</summary>
    /// <param name="destination">Where to; the writer lives as long as it does.</param>
    /// <exception cref="ArgumentException">The span is shorter than the fixed block.</exception>
    static abstract TSelf Begin(Span<byte> destination);

    /// <summary>What was written so far: the message, once every required field is set.</summary>
    ReadOnlySpan<byte> Written { get; }
}
