namespace Estream.Replication.Internal;

/// <summary>Checks values that a caller passes.</summary>
internal static class ArgumentCheck
{
    /// <summary>Throws if a condition does not hold.</summary>
    /// <exception cref="ArgumentException">The condition does not hold.</exception>
    public static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ArgumentException(message);
        }
    }
}
