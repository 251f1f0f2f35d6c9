using System.Diagnostics.CodeAnalysis;

namespace Estream.Esf;

/// <summary>Implemented by every generated view of a message, for code that is generic over messages. Not meant to be implemented by
/// hand.</summary>
/// <typeparam name="TSelf">The view type, such as <c>IoTTelemetry.View</c>.</typeparam>
public interface IEsfView<TSelf>
    where TSelf : struct, IEsfView<TSelf>, allows ref struct
{
    /// <summary>The schema of the messages. Prepared at first use; thread-safe.</summary>
    static abstract EsfSchema Schema { get; }

    /// <summary>Creates a view of a message of this version of the schema or of a compatible version. Checks header and length; each field
    /// is checked when it is read.</summary>
    /// <param name="message">The bytes of the message; they must outlive the view.</param>
    /// <exception cref="Core.EstreamFormatException">The bytes are not a message of this schema; the exception message gives the
    /// reason.</exception>
    [SuppressMessage("Naming", "CA1716", Justification = "The name every view has had from the start; no other language implements it.")]
    static abstract TSelf Of(ReadOnlySpan<byte> message);

    /// <summary>Creates a view if the message belongs to this version of the schema or to a compatible version. Costs two loads and
    /// compares for this version; allocates nothing.</summary>
    /// <param name="message">The bytes of the message; they must outlive the view.</param>
    /// <param name="view">The view.</param>
    /// <returns>True if the message belongs to the schema.</returns>
    static abstract bool TryOf(ReadOnlySpan<byte> message, out TSelf view);

    /// <summary>The bytes of the message.</summary>
    ReadOnlySpan<byte> Bytes { get; }
}
