namespace Estream.Esf;

/// <summary>
/// Implemented by the generated writer of the fields that a schema adds to the schema it extends, for generic code. The writer sets only
/// the added fields, not the fields of the extended schema. Not meant to be implemented by hand.
/// </summary>
/// <typeparam name="TSelf">The writer type, such as <c>PlacedReading.Additions</c>.</typeparam>
public interface IEsfAdditions<TSelf>
    where TSelf : struct, IEsfAdditions<TSelf>, allows ref struct
{
    /// <summary>Continues a message that <see cref="EsfWidening.Begin"/> has begun.</summary>
    /// <param name="message">The span in which the message was begun; it must outlive the writer.</param>
    /// <param name="length">The current length of the message.</param>
    static abstract TSelf Begin(Span<byte> message, int length);

    /// <summary>The current length of the message.</summary>
    int Length { get; }
}
