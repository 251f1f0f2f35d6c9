using System.Diagnostics.CodeAnalysis;

namespace Estream.Esf;

/// <summary>What every generated view of a message offers to code that is generic over messages. Not meant to be implemented by
/// hand.</summary>
/// <typeparam name="TSelf">The view itself, such as <c>IoTTelemetry.View</c>.</typeparam>
public interface IEsfView<TSelf>
    where TSelf : struct, IEsfView<TSelf>, allows ref struct
{
    /// <summary>The schema of the messages. Prepared at first use, thread-safe.</summary>
    static abstract EsfSchema Schema { get; }

    /// <summary>Views a message of this version of the schema or of a compatible one. Checks header and length; a field is checked when it
    /// is read.</summary>
    /// <param name="message">The bytes; the view lives as long as they do.</param>
    /// <exception cref="Core.EstreamFormatException">It is no message of this schema; the reason is named.</exception>
    [SuppressMessage("Naming", "CA1716", Justification = "The name every view has had from the start; no other language implements it.")]
    static abstract TSelf Of(ReadOnlySpan<byte> message);

    /// <summary>Views a message if it is one of this schema, of this version or of a compatible one. Two loads and compares for this
    /// version; allocates nothing.</summary>
    /// <param name="message">The bytes; the view lives as long as they do.</param>
    /// <param name="view">The view.</param>
    /// <returns>Whether it is.</returns>
    static abstract bool TryOf(ReadOnlySpan<byte> message, out TSelf view);

    /// <summary>The bytes of the message.</summary>
    ReadOnlySpan<byte> Bytes { get; }
}
