namespace Estream.Queue.Internal;

/// <summary>The id of a master key stands in a file of the queue, in messages and in a text file, so it is held to plain
/// characters.</summary>
internal static class MasterKeyId
{
    public const int MaxLength = 32;

    public static bool IsValid(string id) =>
        id.Length is > 0 and <= MaxLength && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    /// <exception cref="ArgumentException">It is none.</exception>
    public static void Check(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (!IsValid(id))
        {
            // What was meant as an id may be a key in the wrong place: it is not repeated.
            throw new ArgumentException($"The id of a master key is 1 to {MaxLength} ASCII letters, digits, '-', '_' or '.'.", nameof(id));
        }
    }
}
