namespace Estream.Streams;

/// <summary>Two events that belong together, or a left one that has no other.</summary>
/// <typeparam name="TLeft">The left events.</typeparam>
/// <typeparam name="TRight">The right events.</typeparam>
/// <param name="Left">The left event.</param>
/// <param name="Right">The right event, or the default.</param>
/// <param name="HasRight">Whether there is one. Always in an inner join.</param>
public readonly record struct JoinResult<TLeft, TRight>(TLeft Left, TRight Right, bool HasRight)
    where TLeft : unmanaged
    where TRight : unmanaged;
