namespace Estream.Esf;

/// <summary>Implemented by every generated writer of a message, for code that is generic over messages. Not meant to be implemented by
/// hand.</summary>
/// <typeparam name="TSelf">The writer type, such as <c>IoTTelemetry.Writer</c>.</typeparam>
public interface IEsfWriter<TSelf>
    where TSelf : struct, IEsfWriter<TSelf>, allows ref struct
{
    /// <summary>The schema of the messages. Prepared at first use; thread-safe.</summary>
    static abstract EsfSchema Schema { get; }

    /// <summary>The maximum length of a message in bytes; null if a field of the schema has no limit.</summary>
    static abstract int? MaxLength { get; }

    /// <summary>Starts a message at the beginning of a span. A field that is not set stays absent or zero.</summary>
    /// <param name="destination">Receives the message; it must outlive the writer.</param>
    /// <exception cref="ArgumentException">The span is shorter than the fixed block.</exception>
    static abstract TSelf Begin(Span<byte> destination);

    /// <summary>The bytes written so far. They are the message once every required field is set.</summary>
    ReadOnlySpan<byte> Written { get; }
}
