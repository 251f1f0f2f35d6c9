namespace Estream.Streams;

/// <summary>An event of one side of a join that waits for those of the other.</summary>
/// <typeparam name="TLeft">The left events.</typeparam>
/// <typeparam name="TRight">The right events.</typeparam>
public record struct Joined<TLeft, TRight>
    where TLeft : unmanaged
    where TRight : unmanaged
{
    internal long Side;
    internal TLeft FromLeft;
    internal TRight FromRight;

    /// <summary>Whether it is one of the right side.</summary>
    public readonly bool IsRight => Side != 0;

    /// <summary>The left event, or the default.</summary>
    public readonly TLeft Left => FromLeft;

    /// <summary>The right event, or the default.</summary>
    public readonly TRight Right => FromRight;
}
