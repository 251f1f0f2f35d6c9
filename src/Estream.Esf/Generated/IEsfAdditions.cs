namespace Estream.Esf;

/// <summary>
/// What the generated writer of a wider schema's own fields offers to generic code: it writes behind the fields of the schema that is
/// extended, and has none of them. Not meant to be implemented by hand.
/// </summary>
/// <typeparam name="TSelf">The writer itself, such as <c>PlacedReading.Additions</c>.</typeparam>
public interface IEsfAdditions<TSelf>
    where TSelf : struct, IEsfAdditions<TSelf>, allows ref struct
{
    /// <summary>Goes on with a message that <see cref="EsfWidening.Begin"/> has begun.</summary>
    /// <param name="message">The space the message was begun in; the writer lives as long as it does.</param>
    /// <param name="length">How long the message is so far.</param>
    static abstract TSelf Begin(Span<byte> message, int length);

    /// <summary>How long the message is now.</summary>
    int Length { get; }
}
